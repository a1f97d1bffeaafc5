#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace annmpi::config {

/// Number of leading bytes that are valid UTF-8.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

[[nodiscard]] inline bool is_utf8(std::string_view text) {
  return utf8_length(text) == text.size();
}

/// Writes every byte outside ASCII, and the question mark, as ?XX (hexadecimal).
[[nodiscard]] std::string to_ascii(std::string_view text);

/// The inverse of to_ascii; a question mark without two such digits is kept.
[[nodiscard]] std::string from_ascii(std::string_view text);

}  // namespace annmpi::config
