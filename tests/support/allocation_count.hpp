#pragma once

#include <cstddef>

namespace annmpi::tests {

/// Number of allocations by new in this program. Link the program with allocation_count.cpp, which
/// replaces the operator.
[[nodiscard]] std::size_t allocations();

}  // namespace annmpi::tests
