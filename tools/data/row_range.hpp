#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annmpi::data_tool {

/// Rows [first, last) of the input, counted from 0, as --rows A:B selects them; without `last` up
/// to the end.
struct RowRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> last;
};

/// Reads "A:B", "A:" or ":B". @throws Error.
RowRange parse_row_range(std::string_view text);

/// A range with both ends in an input of `rows` rows. @throws Error if it lies outside.
struct ResolvedRows {
  std::uint64_t first;
  std::uint64_t last;
  [[nodiscard]] std::uint64_t count() const { return last - first; }
};
ResolvedRows resolve(const RowRange& range, std::uint64_t rows, const std::string& path);

}  // namespace annmpi::data_tool
