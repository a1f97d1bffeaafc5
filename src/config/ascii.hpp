#pragma once

#include <string>
#include <string_view>

namespace annmpi::config {

[[nodiscard]] bool is_utf8(std::string_view text);

/// Writes every byte outside ASCII, and the question mark, as ?XX (hexadecimal).
[[nodiscard]] std::string to_ascii(std::string_view text);

/// The inverse of to_ascii; a question mark that begins no such escape stays.
[[nodiscard]] std::string from_ascii(std::string_view text);

}  // namespace annmpi::config
