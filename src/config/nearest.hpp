#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annmpi::config {

/// How far a typed name is from a known one: the insertions, deletions, substitutions and swaps of
/// neighbours between them (optimal string alignment), 1 where one name contains the other;
/// nothing where they have little in common.
[[nodiscard]] std::optional<std::size_t> distance(std::string_view typed, std::string_view known);

/// The known name that is nearest to a typed one, or nothing.
[[nodiscard]] std::optional<std::string> nearest(std::string_view typed,
                                                 const std::vector<std::string>& known);

}  // namespace annmpi::config
