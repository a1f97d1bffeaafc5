#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/ranges.h>

#include "annmpi/base/listed.hpp"
#include "annmpi/config/setting.hpp"

#include "config/document.hpp"
#include "config/literal.hpp"

/// For each type of a setting: convert(given, allowed, value), which stores the value or returns
/// what is wrong with it, and describe<Type>(allowed), which describes the allowed values.
namespace annmpi::config {

/// What is wrong with a value; empty: nothing.
using Problem = std::string;

Problem convert(const Value& given, const Allowed& allowed, bool& value);
Problem convert(const Value& given, const Allowed& allowed, std::int64_t& value);
Problem convert(const Value& given, const Allowed& allowed, double& value);
Problem convert(const Value& given, const Allowed& allowed, std::string& value);
Problem convert(const Value& given, const Allowed& allowed, std::vector<std::int64_t>& value);
Problem convert(const Value& given, const Allowed& allowed, std::vector<double>& value);

template <std::integral Integer>
Problem convert(const Value& given, const Allowed& allowed, Integer& value) {
  static_assert(sizeof(Integer) < sizeof(std::int64_t));
  std::int64_t wide = 0;
  Problem problem = convert(given, allowed, wide);
  if (!problem.empty()) return problem;
  if (!std::in_range<Integer>(wide)) return "is out of range";
  value = static_cast<Integer>(wide);
  return {};
}

template <class Enumeration>
requires std::is_enum_v<Enumeration> Problem convert(const Value& given, const Allowed&,
                                                     Enumeration& value) {
  const auto* text = std::get_if<std::string>(&given.content);
  // Without quotes the names 2 and inf are numbers in TOML; only these names can be meant.
  const std::string name = text != nullptr ? *text : shown(given);
  if (const auto named = value_named<Enumeration>(name)) {
    value = *named;
    return {};
  }
  return "is none of the choices";
}

/// "from 1 to 9", "more than 0"; empty where every number is allowed.
[[nodiscard]] std::string describe_range(const Allowed& allowed);

template <class Type>
[[nodiscard]] std::string describe(const Allowed& allowed) {
  const std::string range = describe_range(allowed);
  const std::string_view comma = range.empty() ? "" : ", ";
  if constexpr (std::is_same_v<Type, bool>) {
    return "true or false";
  } else if constexpr (std::is_integral_v<Type>) {
    return fmt::format("an integer{}{}", comma, range);
  } else if constexpr (std::is_floating_point_v<Type>) {
    return fmt::format("a number{}{}", comma, range);
  } else if constexpr (std::is_same_v<Type, std::string>) {
    return allowed.may_be_empty ? "a string" : "a string, required";
  } else if constexpr (std::is_enum_v<Type>) {
    std::vector<std::string> choices;
    for (const std::string_view name : names<Type>) choices.push_back(literal(name));
    return listed(choices, " or ");
  } else {
    constexpr bool integers = std::is_same_v<Type, std::vector<std::int64_t>>;
    static_assert(integers || std::is_same_v<Type, std::vector<double>>);
    return fmt::format("a list like [{}] of {}{}{}{}", integers ? "8" : "1, 0.5",
                       allowed.may_be_empty ? "" : "1 or more ", integers ? "integers" : "numbers",
                       range.empty() ? "" : ", each ", range);
  }
}

}  // namespace annmpi::config
