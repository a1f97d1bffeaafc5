#include "annmpi/base/hash.hpp"
#include "annmpi/config/configuration_text.hpp"

#include "config/convert.hpp"
#include "config/literal.hpp"
#include "config/optimizer_keys.hpp"

namespace annmpi::config {

std::string to_toml(const Configuration& configuration) {
  std::string text;
  std::string_view open_section;
  for_each_setting(
      configuration, [&](std::string_view section, const auto& setting, const auto& value) {
        if (section != open_section)
          text += fmt::format("{}[{}]\n", open_section.empty() ? "" : "\n", section);
        open_section = section;
        using Type = std::remove_cvref_t<decltype(value)>;
        const std::string users = section == "optimizer" ? rules_with(setting.key) : "";
        text += fmt::format("# {}{} ({})\n{} = {}\n", users, setting.meaning,
                            describe<Type>(setting.allowed), setting.key, literal(value));
      });
  return text;
}

std::string print_config() {
  return "# Every key of annmpi with its default. A file needs only the keys that differ.\n\n" +
         to_toml(Configuration{});
}

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
