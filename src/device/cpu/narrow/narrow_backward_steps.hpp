#pragma once

#include "device/cpu/narrow/narrow_backward.hpp"

/// What the parts of narrow_backward that are compiled apart say to each other.
namespace annmpi::device::cpu::kernels {

/// Bytes of a row in a stripe, at most.
constexpr std::size_t most_stripe_bytes = 192;

/// Where a thread's sums over chunks are, from some unit on.
struct SumsView {
  double* high;
  double* low;                     ///< null where highs alone are kept
  const exact_sum::Split* splits;  ///< null for plain sums
  std::size_t units;               ///< of the layer
  std::size_t columns;             ///< of the layer, in whole blocks
};
[[nodiscard]] SumsView view_of(GradientSums& sums);

/// Adds sum_i delta_i, each a chain of additions over the rows, to the bias sums.
void add_biases(std::size_t rows, std::span<const double> delta, GradientSums& sums);

/// delta^T X in mixed precision.
void narrow_backward_mixed(std::span<const std::uint8_t> X, std::size_t rows,
                           std::span<const double> delta, GradientSums& sums,
                           BackwardWorkspace& workspace);
void narrow_backward_mixed(std::span<const float> X, std::size_t rows,
                           std::span<const double> delta, GradientSums& sums,
                           BackwardWorkspace& workspace);
void narrow_backward_mixed(std::span<const double> X, std::size_t rows,
                           std::span<const double> delta, GradientSums& sums,
                           BackwardWorkspace& workspace);

}  // namespace annmpi::device::cpu::kernels
