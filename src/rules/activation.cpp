#include "annmpi/rules/activation.hpp"

#include "annmpi/rules/activations-inl.hpp"

namespace annmpi::rules {

bool needs_argument(Activation activation) {
  return scalar::with_activation(activation, [](auto rule) { return rule.needs_argument; });
}

double largest_value(Activation activation, double most) {
  return scalar::with_activation(activation,
                                 [most](auto rule) { return rule.largest_value(most); });
}

double largest_derivative(Activation activation, double most) {
  return scalar::with_activation(activation,
                                 [most](auto rule) { return rule.largest_derivative(most); });
}

}  // namespace annmpi::rules
