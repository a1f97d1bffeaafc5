#include "config/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace annmpi::config {
namespace {

std::size_t edits(std::string_view a, std::string_view b) {
  // Rows of the table d[i][j], the edits between the first i of a and the first j of b.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::size_t> distance(std::string_view typed, std::string_view known) {
  // Names have a few dozen characters; much longer text is not a typing error.
  if (typed.size() > 2 * known.size() + 8) return std::nullopt;
  constexpr std::size_t telling = 3;
  if (typed == known) return 0;
  if (std::min(typed.size(), known.size()) >= telling &&
      (typed.find(known) != std::string_view::npos || known.find(typed) != std::string_view::npos))
    return 1;
  const std::size_t count = edits(typed, known);
  if (count > std::max<std::size_t>(1, typed.size() / 3)) return std::nullopt;
  return count;
}

std::optional<std::string> nearest(std::string_view typed, const std::vector<std::string>& known) {
  std::optional<std::string> best;
  std::size_t least = 0;
  for (const std::string& name : known) {
    const auto count = distance(typed, name);
    if (!count || (best && *count >= least)) continue;
    best = name;
    least = *count;
  }
  return best;
}

}  // namespace annmpi::config
