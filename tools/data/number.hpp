#pragma once

#include <optional>
#include <string_view>

namespace annmpi::data_tool {

/// `text` without blanks around it.
std::string_view trimmed(std::string_view text);

/// `text` without blanks, and without the quotes where it is quoted.
std::string_view unquoted(std::string_view text);

/// The decimal number that the whole of `text` writes, blanks and quotes around it aside. "nan"
/// and "inf" are numbers here. What is too large for a double is infinite, what is too small is 0.
std::optional<double> to_number(std::string_view text);

/// As above, for a whole number that fits.
std::optional<long long> to_integer(std::string_view text);

}  // namespace annmpi::data_tool
