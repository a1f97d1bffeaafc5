#pragma once

#include <cstddef>

#include "annmpi/network/network.hpp"

namespace annmpi::device::cpu::kernels {

/// In what the products over a chunk of rows are computed. All results are doubles.
///   float64
///   mixed    products and sums within a row (forward) or a chunk (backward) in float
using config::Precision;

/// How many slices (slices.hpp) stand for a double: eight, or four in mixed precision.
[[nodiscard]] constexpr std::size_t slices_of(Precision precision) {
  return precision == Precision::mixed ? 4 : 8;
}

}  // namespace annmpi::device::cpu::kernels
