#pragma once

#include <cstddef>
#include <span>

#include "annmpi/rules/parameter_update.hpp"

/// Updates of parameters, element by element; rules/updates/ has the formulas. Real is
/// double or float. Only correctly rounded operations and explicit fused multiply-adds: the same
/// bits on every SIMD target.
namespace annmpi::device::cpu::kernels {

/// Prefetches parameters for writing. Other threads have read them in their passes: a store to a
/// shared cache line waits for its invalidation, and stores retire in order, while these prefetches
/// overlap.
template <class Real>
void prefetch_to_update(std::span<const Real> w);

/// g = scale g + penalty w; returns max |g|, or NaN if any element is not finite. Lengths are
/// multiples of 16.
template <class Real>
double finish_gradient(double scale, double penalty, std::span<const Real> w, std::span<Real> g);

/// sum g^2 in doubles, in a fixed order.
template <class Real>
[[nodiscard]] double sum_of_squares(std::span<const Real> g);

/// Applies an update with the gradient g as it is after penalty and clipping; `state1` and `state2`
/// are the state vectors of its rule, and may be null where it has none. Lengths are multiples of
/// 16.
template <class Real>
void apply_update(const ParameterUpdate& update, std::span<const Real> g, Real* state1,
                  Real* state2, std::span<Real> w);

}  // namespace annmpi::device::cpu::kernels
