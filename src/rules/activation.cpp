#include "annmpi/rules/activation.hpp"

#include "annmpi/rules/activations-inl.hpp"

namespace annmpi::rules {

bool needs_argument(Activation activation) {
  return scalar::with_activation(activation, [](auto rule) { return rule.needs_argument; });
}

double largest_value(Activation activation, double most) {
  return scalar::largest_value(activation, most);
}

double largest_derivative(Activation activation, double most) {
  return scalar::largest_derivative(activation, most);
}

}  // namespace annmpi::rules
