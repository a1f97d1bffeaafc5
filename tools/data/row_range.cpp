#include "row_range.hpp"

#include "annmpi/base/error.hpp"

#include "number.hpp"

namespace annmpi::data_tool {

RowRange parse_row_range(std::string_view text) {
  const auto bound = [&](std::string_view part) -> std::optional<std::uint64_t> {
    if (part.empty()) return std::nullopt;
    const std::optional<long long> number = to_integer(part);
    require(
        number && *number >= 0,
        "--rows {}: is not a range of rows (\"{}\" is not a row number); write A:B, rows A to B-1 "
        "counted from 0",
        text, part);
    return static_cast<std::uint64_t>(*number);
  };
  const std::size_t colon = text.find(':');
  require(colon != std::string_view::npos,
          "--rows {}: is not a range of rows; write A:B, rows A to B-1 counted from 0", text);
  const RowRange range{bound(text.substr(0, colon)).value_or(0), bound(text.substr(colon + 1))};
  require(!range.last || range.first < *range.last,
          "--rows {}: is empty (the end is exclusive); write A:B with A below B", text);
  return range;
}

ResolvedRows resolve(const RowRange& range, std::uint64_t rows, const std::string& path) {
  const std::uint64_t last = range.last.value_or(rows);
  require(range.first < rows && last <= rows,
          "--rows {}:{}: is outside of {} (it has {} rows); choose within 0:{}", range.first, last,
          path, rows, rows);
  return {range.first, last};
}

}  // namespace annmpi::data_tool
