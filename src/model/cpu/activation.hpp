#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "annmpi/model/network.hpp"

namespace annmpi::model::cpu {

/// 1 / (1 + exp(-z)): 0 and 1 at the far ends, without overflow traps in between.
[[nodiscard]] inline double sigmoid(double z) {
  return 1.0 / (1.0 + std::exp(-z));
}

/// values = act(values)
inline void activate(Activation activation, std::span<double> values) {
  switch (activation) {
    case Activation::sigmoid:
      for (double& value : values) value = sigmoid(value);
      break;
    case Activation::tanh:
      for (double& value : values) value = std::tanh(value);
      break;
    case Activation::relu:
      // Not std::max: a value that is not a number must stay visible.
      for (double& value : values) value = value < 0 ? 0.0 : value;
      break;
  }
}

/// factors = factors * act'(z), from the values a = act(z). relu'(0) is taken as 0.
inline void multiply_by_derivative(Activation activation, std::span<const double> values,
                                   std::span<double> factors) {
  const std::size_t count = values.size();
  switch (activation) {
    case Activation::sigmoid:
      for (std::size_t i = 0; i < count; ++i) factors[i] *= values[i] * (1.0 - values[i]);
      break;
    case Activation::tanh:
      for (std::size_t i = 0; i < count; ++i) factors[i] *= 1.0 - values[i] * values[i];
      break;
    case Activation::relu:
      for (std::size_t i = 0; i < count; ++i) factors[i] = values[i] > 0 ? factors[i] : 0.0;
      break;
  }
}

}  // namespace annmpi::model::cpu
