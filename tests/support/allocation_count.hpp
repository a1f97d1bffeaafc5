#pragma once

#include <cstddef>

namespace annmpi::tests {

/// Number of allocations by new in this program, which must be linked with allocation_count.cpp;
/// that file replaces the operator.
[[nodiscard]] std::size_t allocations();

}  // namespace annmpi::tests
