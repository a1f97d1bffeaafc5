#pragma once

#include <cstddef>

namespace annmpi::tests {

/// How often this program has allocated memory by new: in programs that are linked with
/// allocation_count.cpp, which replaces the operator.
[[nodiscard]] std::size_t allocations();

}  // namespace annmpi::tests
