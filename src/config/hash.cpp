#define XXH_INLINE_ALL
#include <xxhash.h>

#include "annmpi/config/configuration_text.hpp"

#include "config/literal.hpp"

namespace annmpi::config {

std::string configuration_hash(const Configuration& configuration) {
  // Not of to_toml's text: a comment may be improved without changing the hash.
  std::string values;
  for_each_setting(configuration,
                   [&](std::string_view section, const auto& setting, const auto& value) {
                     if (section != "output")
                       values += fmt::format("{}.{} = {}\n", section, setting.key, literal(value));
                   });
  const XXH128_hash_t hash = XXH3_128bits(values.data(), values.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace annmpi::config
