#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace annmpi::config {

/// How many bytes of the text, from its beginning, are UTF-8.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

[[nodiscard]] inline bool is_utf8(std::string_view text) {
  return utf8_length(text) == text.size();
}

/// Writes every byte outside ASCII, and the question mark, as ?XX (hexadecimal).
[[nodiscard]] std::string to_ascii(std::string_view text);

/// The inverse of to_ascii; a question mark that begins no such escape stays.
[[nodiscard]] std::string from_ascii(std::string_view text);

}  // namespace annmpi::config
