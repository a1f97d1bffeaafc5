#pragma once

#include <span>

#include "annmpi/network/network.hpp"

/// Pre-activations along a line, activations and their derivatives, element by element. The same
/// bits on every SIMD target; values that are not a number stay so; nothing is allocated.
namespace annmpi::device::cpu::kernels {

/// z = fma(step, D, Z). One length; z may be Z.
void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<double> z);

/// values = act(values)
void activate(config::Activation activation, std::span<double> values);

/// values = act(z) with z = fma(step, D, Z), or z = Z where D is empty. One length; `values` must
/// not overlap the others.
void activate_at(config::Activation activation, std::span<const double> Z, std::span<const double> D,
                 double step, std::span<double> values);

/// values as of activate_at, and tangents = act'(z) D.
void activate_along(config::Activation activation, std::span<const double> Z, std::span<const double> D,
                    double step, std::span<double> values, std::span<double> tangents);

/// factors = factors * act'(z), from values = act(z). relu'(0) is taken as 0.
void multiply_by_derivative(config::Activation activation, std::span<const double> values,
                            std::span<double> factors);

}  // namespace annmpi::device::cpu::kernels
