#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

namespace annmpi::config {

/// The allowed values of a setting, beyond its type.
struct Allowed {
  double least = std::numeric_limits<double>::lowest();
  double most = std::numeric_limits<double>::max();
  bool ends_included = true;
  bool may_be_empty = true;  ///< for strings and lists
};

constexpr Allowed at_least(double least) {
  return {.least = least};
}
constexpr Allowed above(double least) {
  return {.least = least, .ends_included = false};
}
constexpr Allowed from_to(double least, double most) {
  return {.least = least, .most = most};
}
constexpr Allowed inside(double least, double most) {
  return {.least = least, .most = most, .ends_included = false};
}
/// A list with at least one entry, each of them in this range.
constexpr Allowed each_from_to(double least, double most) {
  return {.least = least, .most = most, .may_be_empty = false};
}
/// A string without a default.
constexpr Allowed required() {
  return {.may_be_empty = false};
}

/// The declaration of one key. Parsing, checking, the comments of --print-config and the errors are
/// generated from it.
///
/// Values are bool, integers, double, std::string, lists of numbers, or enumerations with names.
template <class Section, class Value>
struct Setting {
  std::string_view key;
  Value Section::*member;
  std::string_view meaning;
  Allowed allowed{};
};
// Clang deduces the arguments of aggregates only from version 17 on.
template <class Section, class Value>
Setting(std::string_view, Value Section::*, std::string_view, Allowed = {})
    -> Setting<Section, Value>;

/// The names of an enumeration's values in files, in the order of the values.
template <class Enumeration>
inline constexpr std::array<std::string_view, 0> names{};

template <class Enumeration>
[[nodiscard]] constexpr std::string_view name_of(Enumeration value) {
  return names<Enumeration>.at(static_cast<std::size_t>(value));
}

/// The value with this name, or nothing.
template <class Enumeration>
[[nodiscard]] constexpr std::optional<Enumeration> value_named(std::string_view name) {
  for (std::size_t i = 0; i < names<Enumeration>.size(); ++i)
    if (names<Enumeration>[i] == name) return static_cast<Enumeration>(i);
  return std::nullopt;
}

}  // namespace annmpi::config
