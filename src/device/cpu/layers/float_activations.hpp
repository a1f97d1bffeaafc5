#pragma once

#include <span>

#include "annmpi/network/network.hpp"

/// What activations.hpp does to doubles, in floats: every value within 3 units in the last place of
/// a float. The same bits on every SIMD target; values that are not a number stay so; nothing is
/// allocated.
namespace annmpi::device::cpu::kernels {

/// z = fma(step, D, Z) in doubles, or Z where D is empty, rounded to floats. One length.
void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<float> z);

/// values = act(values)
void activate(config::Activation activation, std::span<float> values);

/// values = act(z), with z of move_along().
void activate_at(config::Activation activation, std::span<const double> Z, std::span<const double> D,
                 double step, std::span<float> values);

/// values as of activate_at, and tangents = act'(z) D.
void activate_along(config::Activation activation, std::span<const double> Z, std::span<const double> D,
                    double step, std::span<float> values, std::span<float> tangents);

/// factors = factors * act'(z), given values = act(z). relu'(0) is taken as 0.
void multiply_by_derivative(config::Activation activation, std::span<const float> values,
                            std::span<float> factors);

}  // namespace annmpi::device::cpu::kernels
