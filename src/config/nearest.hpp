#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annmpi::config {

/// The edit distance of a typed name from a known one: insertions, deletions, substitutions and
/// transpositions of neighbours (optimal string alignment), 1 where one name contains the other;
/// nothing where they have little in common.
[[nodiscard]] std::optional<std::size_t> distance(std::string_view typed, std::string_view known);

/// The known name that is nearest to a typed one, or nothing.
[[nodiscard]] std::optional<std::string> nearest(std::string_view typed,
                                                 const std::vector<std::string>& known);

}  // namespace annmpi::config
