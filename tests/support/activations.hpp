#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "annmpi/rules/activation.hpp"

/// The activation functions in long double, by the standard library: the reference for all devices.
namespace annmpi::tests {

/// The values of an enumeration, from the table of their names.
template <class Enumeration, class Names>
std::vector<Enumeration> all_of(const Names& names) {
  std::vector<Enumeration> values;
  for (std::size_t i = 0; i < names.size(); ++i) values.push_back(static_cast<Enumeration>(i));
  return values;
}
inline std::vector<rules::Activation> all_activations() {
  return all_of<rules::Activation>(rules::activation_names);
}

inline long double reference_value(rules::Activation activation, long double z) {
  using enum rules::Activation;
  switch (activation) {
    case sigmoid:
      return 1 / (1 + std::exp(-z));
    case tanh:
      return std::tanh(z);
    case relu:
      return std::max(z, 0.0L);
    case gelu:
      return z * std::erfc(-z / std::numbers::sqrt2_v<long double>) / 2;
    case silu:
      return z / (1 + std::exp(-z));
    case leaky_relu:
      return z < 0 ? 0.01L * z : z;
    case elu:
      return z < 0 ? std::expm1(z) : z;
  }
  throw std::logic_error("an activation without a reference");
}

inline long double reference_derivative(rules::Activation activation, long double z) {
  using enum rules::Activation;
  const long double a = reference_value(activation, z);
  switch (activation) {
    case sigmoid:
      return a * (1 - a);
    case tanh:
      return 1 - a * a;
    case relu:
      return z > 0 ? 1 : 0;
    case gelu:
      return std::erfc(-z / std::numbers::sqrt2_v<long double>) / 2 +
             z * std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi_v<long double>);
    case silu:
      return (1 + z / (1 + std::exp(z))) / (1 + std::exp(-z));
    case leaky_relu:
      return z > 0 ? 1 : 0.01L;
    case elu:
      return z < 0 ? std::exp(z) : 1;
  }
  throw std::logic_error("an activation without a reference");
}

/// Whether the derivative jumps at 0.
inline bool has_kink(rules::Activation activation) {
  const long double near_zero = 1e-9L;
  return std::abs(reference_derivative(activation, near_zero) -
                  reference_derivative(activation, -near_zero)) > 0.1L;
}

}  // namespace annmpi::tests
