#pragma once

#include <span>

#include "annmpi/model/network.hpp"

/// What activations.hpp does to doubles, for floats: computed in doubles and rounded once where
/// there is more to it than a comparison. Lengths are multiples of 16; the same bits on every SIMD
/// target.
namespace annmpi::model::cpu::kernels {

/// values = act(values)
void activate(Activation activation, std::span<float> values);

/// factors = factors * act'(z), given values = act(z)
void multiply_by_derivative(Activation activation, std::span<const float> values,
                            std::span<float> factors);

}  // namespace annmpi::model::cpu::kernels
