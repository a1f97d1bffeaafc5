#pragma once

#include "annmpi/io/element_type.hpp"

#include "device/cpu/narrow/narrow_backward.hpp"
#include "device/cpu/narrow/narrow_forward.hpp"

/// The kernels behind narrow_forward() and narrow_backward(), one instance per precision: Real is
/// double, or float in mixed precision. X holds features of this type.
namespace annmpi::device::cpu::kernels {

template <class Real>
void run_narrow_forward(io::ElementType type, const void* X, std::size_t rows,
                        const PackedWeights& weights, double* Z);

/// Bytes of a row in a stripe, at most.
constexpr std::size_t most_stripe_bytes = 192;

/// A thread's sums over chunks, from some unit on.
struct SumsView {
  double* high;
  double* low;                     ///< null where highs alone are kept
  const exact_sum::Split* splits;  ///< null for plain sums
  std::size_t units;               ///< of the layer
  std::size_t columns;             ///< of the layer, in whole blocks
};

/// Adds delta^T X without the biases; `stripe` as in BackwardWorkspace.
template <class Real>
void run_narrow_backward(io::ElementType type, const void* X, std::size_t rows, std::size_t inputs,
                         const Real* delta, const SumsView& sums, std::byte* stripe);

}  // namespace annmpi::device::cpu::kernels
