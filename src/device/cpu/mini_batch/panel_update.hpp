#pragma once

#include <cstddef>
#include <span>

#include "annmpi/rules/parameter_update.hpp"

/// Updates of parameters, element by element: ParameterUpdate holds the formulas. Correctly rounded
/// operations and explicit fused multiply-adds alone: the same bits on every SIMD target.
namespace annmpi::device::cpu::kernels {

/// Asks for parameters that are to be updated soon, for this core alone. Another thread's passes
/// have read them: a store to a line that two cores share waits until the other has dropped it, and
/// stores wait in turn, where this asks for many lines at once.
void prefetch_to_update(std::span<const float> w);
void prefetch_to_update(std::span<const double> w);

/// g = scale g + penalty w; returns max |g|, NaN where one is. Lengths are multiples of 16.
double finish_gradient(double scale, double penalty, std::span<const float> w, std::span<float> g);
double finish_gradient(double scale, double penalty, std::span<const double> w,
                       std::span<double> g);

/// sum g^2 in doubles, in one fixed order.
[[nodiscard]] double sum_of_squares(std::span<const float> g);
[[nodiscard]] double sum_of_squares(std::span<const double> g);

/// Applies an update with the gradient g as it is after penalty and clipping; `state1` and
/// `state2` are the velocity and nothing, or the two moments, and may be null where the method has
/// none. Lengths are multiples of 16.
void apply_update(const ParameterUpdate& update, std::span<const float> g, float* state1,
                  float* state2, std::span<float> w);
void apply_update(const ParameterUpdate& update, std::span<const double> g, double* state1,
                  double* state2, std::span<double> w);

}  // namespace annmpi::device::cpu::kernels
