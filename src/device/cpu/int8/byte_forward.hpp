#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "device/cpu/int8/sliced_weights.hpp"

namespace annmpi::device::cpu::kernels {

/// Z = X W^T + b: X [rows, inputs] bytes, Z [rows, units], dense and row-major.
///
/// Products of unsigned and signed bytes, summed over at most byte_slices::most_terms columns, are
/// exact in 32 bits, and so is the sum over a row of each slice. The sums of all slices are joined
/// with one rounding (two beyond 4096 columns), multiplied by the unit's power of two and added to
/// b: more accurate than any chain of fused multiply-adds, and the same bits on any hardware.
///
/// Allocates nothing. Fast for chunks that fit into the second-level cache.
void byte_forward(std::span<const std::uint8_t> X, std::size_t rows, const SlicedWeights& weights,
                  std::span<double> Z);

}  // namespace annmpi::device::cpu::kernels
