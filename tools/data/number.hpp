#pragma once

#include <optional>
#include <string_view>

namespace annmpi::data_tool {

/// `text` without surrounding blanks.
std::string_view trimmed(std::string_view text);

/// `text` without surrounding blanks and quotes.
std::string_view unquoted(std::string_view text);

/// The decimal number that `text` consists of, apart from surrounding blanks and quotes. "nan" and
/// "inf" are numbers here. Too large values become infinite, too small ones 0.
std::optional<double> to_number(std::string_view text);

/// As above, for a whole number in range.
std::optional<long long> to_integer(std::string_view text);

}  // namespace annmpi::data_tool
