#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "device/cpu/int8/sliced_weights.hpp"

namespace annmpi::device::cpu::kernels {

/// Z = X W^T + b: X [rows, inputs] bytes, Z [rows, units], dense and row-major.
///
/// A byte times a signed byte, added up over at most byte_slices::most_terms columns, is exact in
/// 32 bits. So the sum over a row of each slice is exact; joined, it is rounded once (twice beyond
/// 4096 columns), then multiplied with the unit's power of two and added to b: nearer to the true
/// value than any chain of fused multiply-adds, and the same bits whatever computes it.
///
/// Only where amx_is_usable(). Allocates nothing. Fast for chunks of rows that stay in the
/// second-level cache.
void byte_forward(std::span<const std::uint8_t> X, std::size_t rows, const SlicedWeights& weights,
                  std::span<double> Z);

}  // namespace annmpi::device::cpu::kernels
