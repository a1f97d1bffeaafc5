#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "annmpi/config/setting.hpp"

#include "config/document.hpp"

namespace annmpi::config {

/// Values in TOML syntax; numbers parse to the same bits.
[[nodiscard]] std::string literal(std::string_view text);
[[nodiscard]] std::string literal(double value);
[[nodiscard]] std::string literal(const std::vector<std::int64_t>& values);
[[nodiscard]] std::string literal(const std::vector<double>& values);

template <std::integral Integer>
[[nodiscard]] std::string literal(Integer value) {
  return fmt::format("{}", value);  // true and false for bool
}

template <class Enumeration>
requires std::is_enum_v<Enumeration>
[[nodiscard]] std::string literal(Enumeration value) {
  return literal(name_of(value));
}

/// A value for messages: as a literal, truncated if it is long.
[[nodiscard]] std::string shown(const Value& value);

}  // namespace annmpi::config
