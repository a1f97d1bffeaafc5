#pragma once

#include <span>

#include "annmpi/rules/activation.hpp"

/// Pre-activations along a line, activations and their derivatives, element by element. Real is
/// double or float: pre-activations are computed in doubles and rounded to Real, all that follows
/// is computed in Real; a float is within 3 units in the last place. The same bits on every SIMD
/// target; NaN stays NaN; nothing is allocated. All spans of a call have one length.
namespace annmpi::device::cpu::kernels {

/// z = fma(step, D, Z), or Z where D is empty; z may be Z.
template <class Real>
void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<Real> z);

/// values = act(z); `values` may be z.
template <class Real>
void activate(rules::Activation activation, std::span<const Real> z, std::span<Real> values);

/// values = act(z), with z of move_along(). Activations whose derivative needs z
/// (rules::needs_argument) also write it to `arguments`, which others leave alone and which may
/// then be `values`. The outputs must not overlap the inputs.
template <class Real>
void activate_at(rules::Activation activation, std::span<const double> Z, std::span<const double> D,
                 double step, std::span<Real> arguments, std::span<Real> values);

/// The same, and tangents = act'(z) D. `D` must not be empty.
template <class Real>
void activate_along(rules::Activation activation, std::span<const double> Z,
                    std::span<const double> D, double step, std::span<Real> arguments,
                    std::span<Real> values, std::span<Real> tangents);

/// factors = factors * act'(z), from values = act(z), and from arguments = z where the derivative
/// needs them.
template <class Real>
void multiply_by_derivative(rules::Activation activation, std::span<const Real> arguments,
                            std::span<const Real> values, std::span<Real> factors);

}  // namespace annmpi::device::cpu::kernels
