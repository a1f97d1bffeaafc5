#include <utility>

#include "annmpi/base/error.hpp"
#include "annmpi/config/configuration_text.hpp"

#include "config/ascii.hpp"
#include "config/consistency.hpp"
#include "config/convert.hpp"
#include "config/document.hpp"
#include "config/known_keys.hpp"
#include "config/literal.hpp"

namespace annmpi::config {
namespace {

std::string full_name(std::string_view section, std::string_view key) {
  return fmt::format("{}.{}", section, key);
}

GivenValues values_in_file(std::string_view text, std::string_view source) {
  GivenValues given;
  Document document = parse_document(text, source);
  for (const auto& section : document.sections) require_known_section(section.name, section.where);
  for (Entry& entry : document.entries) {
    require_known_key(entry.section, entry.key, entry.where);
    given[full_name(entry.section, entry.key)] = {std::move(entry.value), entry.where};
  }
  return given;
}

Value value_of(const Override& replacement) {
  if (auto value = parse_value(replacement.value)) return *std::move(value);
  require(is_utf8(replacement.value),
          "{}: is not UTF-8 (a configuration is UTF-8 text); rename the file or the folder",
          replacement.origin);
  return {replacement.value};
}

GivenValues values_of(const std::vector<Override>& overrides) {
  GivenValues given;
  // In the order of the command line: the last one of each key is kept.
  for (const Override& replacement : overrides) {
    const auto& [key, value, origin] = replacement;
    const std::size_t dot = key.find('.');
    if (dot == std::string::npos)
      require_known_key("", key, origin);
    else
      require_known_key(key.substr(0, dot), key.substr(dot + 1), origin);
    given.insert_or_assign(key, Given{value_of(replacement), origin});
  }
  return given;
}

/// Defaults that depend on the kind of optimizer.
void fill_in(Configuration::Optimizer& optimizer, const GivenValues& given) {
  const auto defaults = Configuration::Optimizer::defaults(optimizer.kind);
  const auto fill = [&](const auto& setting) {
    if (!given.contains(full_name("optimizer", setting.key)))
      optimizer.*setting.member = defaults.*setting.member;
  };
  std::apply([&](const auto&... setting) { (fill(setting), ...); },
             Configuration::Optimizer::settings());
}

}  // namespace

Configuration read(std::string_view text, std::string_view source,
                   const std::vector<Override>& overrides) {
  GivenValues given = values_of(overrides);
  given.merge(values_in_file(text, source));  // keeps existing keys: overrides take precedence
  Configuration configuration;
  for_each_setting(configuration, [&](std::string_view section, const auto& setting, auto& value) {
    using Type = std::remove_cvref_t<decltype(value)>;
    const std::string name = full_name(section, setting.key);
    const auto found = given.find(name);
    if (found == given.end()) {
      Type unset{};
      const bool has_default = setting.allowed.may_be_empty || value != unset;
      require(has_default, "{}: {}: is missing ({}); write it under [{}] or give --set {}=...",
              source, name, setting.meaning, section, name);
      return;
    }
    const Problem problem = convert(found->second.value, setting.allowed, value);
    require(problem.empty(), "{}: {} = {}: {}; write {}", found->second.where, name,
            shown(found->second.value), problem, describe<Type>(setting.allowed));
  });
  fill_in(configuration.optimizer, given);
  require_consistent(configuration, given, source);
  return configuration;
}

Override parse_override(std::string_view assignment) {
  const auto trimmed = [](std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return std::string();
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
  };
  const std::size_t equals = assignment.find('=');
  require(equals != std::string_view::npos && equals > 0,
          "--set {}: is not an assignment; write --set section.key=value", assignment);
  return {trimmed(assignment.substr(0, equals)), trimmed(assignment.substr(equals + 1)),
          fmt::format("--set {}", assignment)};
}

}  // namespace annmpi::config
