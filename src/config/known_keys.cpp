#include "config/known_keys.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "annmpi/base/error.hpp"
#include "annmpi/config/configuration.hpp"

#include "config/nearest.hpp"

namespace annmpi::config {
namespace {

struct Name {
  std::string section;
  std::string key;
  [[nodiscard]] std::string full() const { return section + '.' + key; }
};

std::vector<Name> all_names() {
  std::vector<Name> names;
  const Configuration configuration;
  for_each_setting(configuration, [&](std::string_view section, const auto& setting, const auto&) {
    names.push_back({std::string(section), std::string(setting.key)});
  });
  return names;
}

std::vector<std::string> section_names() {
  std::vector<std::string> known;
  std::apply([&](const auto&... section) { (known.emplace_back(section.name), ...); }, sections());
  return known;
}

std::vector<std::string> keys_of(std::string_view section) {
  std::vector<std::string> keys;
  for (const Name& name : all_names())
    if (name.section == section) keys.push_back(name.key);
  return keys;
}

/// The nearest key of all sections; a key of another section counts as one edit more.
std::optional<std::string> nearest_key(std::string_view section, std::string_view key) {
  std::optional<std::string> best;
  std::size_t least = 0;
  for (const Name& name : all_names()) {
    const auto edits = distance(key, name.key);
    if (!edits) continue;
    const std::size_t count = *edits + (name.section == section ? 0 : 1);
    if (best && count >= least) continue;
    best = name.full();
    least = count;
  }
  return best;
}

}  // namespace

void require_known_section(std::string_view section, std::string_view where) {
  const auto known = section_names();
  if (std::find(known.begin(), known.end(), section) != known.end()) return;
  const auto near = nearest(section, known);
  throw Error("{}: [{}]: is an unknown section ({}); correct or remove it", where, section,
              near ? fmt::format("the nearest is [{}]", *near)
                   : fmt::format("the sections are {}", fmt::join(known, ", ")));
}

void require_known_key(std::string_view section, std::string_view key, std::string_view where) {
  const auto known = keys_of(section);
  if (std::find(known.begin(), known.end(), key) != known.end()) return;
  const auto near = nearest_key(section, key);
  const std::string name = fmt::format("{}{}{}", section, section.empty() ? "" : ".", key);
  if (near)
    throw Error("{}: {}: is an unknown key (the nearest is {}); correct or remove it", where, name,
                *near);
  if (known.empty())
    throw Error("{}: {}: is in no known section (the sections are {}); move it to one of them",
                where, name, fmt::join(section_names(), ", "));
  throw Error("{}: {}: is an unknown key ([{}] has {}); correct or remove it", where, name, section,
              fmt::join(known, ", "));
}

}  // namespace annmpi::config
