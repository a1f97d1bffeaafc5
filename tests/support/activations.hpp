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
  }
  throw std::logic_error("an activation without a reference");
}

}  // namespace annmpi::tests
