#include "annmpi/base/hash.hpp"

#include "annmpi/config/configuration_text.hpp"

#include "config/literal.hpp"

namespace annmpi::config {

std::string configuration_hash(const Configuration& configuration) {
  // Not of the text of to_toml: comments may change without changing the hash.
  std::string values;
  for_each_setting(configuration,
                   [&](std::string_view section, const auto& setting, const auto& value) {
                     if (section != "output")
                       values += fmt::format("{}.{} = {}\n", section, setting.key, literal(value));
                   });
  return hash128_text(std::as_bytes(std::span(values)));
}

}  // namespace annmpi::config
