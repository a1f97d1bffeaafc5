#pragma once

#include <span>

#include "annmpi/network/network.hpp"

/// Pre-activations along a line, activations and their derivatives, element by element. Real is
/// double or float: pre-activations are computed in doubles and rounded to Real, all that follows
/// is computed in Real; a float is within 3 units in the last place. The same bits on every SIMD
/// target; NaN stays NaN; nothing is allocated. All spans of a call have one length.
namespace annmpi::device::cpu::kernels {

/// z = fma(step, D, Z), or Z where D is empty; z may be Z.
template <class Real>
void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<Real> z);

/// values = act(values)
template <class Real>
void activate(config::Activation activation, std::span<Real> values);

/// values = act(z), with z of move_along(). `values` must not overlap the others.
template <class Real>
void activate_at(config::Activation activation, std::span<const double> Z,
                 std::span<const double> D, double step, std::span<Real> values);

/// values of activate_at(), and tangents = act'(z) D. `D` must not be empty.
template <class Real>
void activate_along(config::Activation activation, std::span<const double> Z,
                    std::span<const double> D, double step, std::span<Real> values,
                    std::span<Real> tangents);

/// factors = factors * act'(z), from values = act(z). relu'(0) is taken as 0.
template <class Real>
void multiply_by_derivative(config::Activation activation, std::span<const Real> values,
                            std::span<Real> factors);

}  // namespace annmpi::device::cpu::kernels
