// The activation functions: a struct of formulas each, and the choice among them.
//
//   needs_argument                  whether times_derivative() reads z
//   largest_value(most)             bounds of |act(z)| and |act'(z)| for |z| <= most, which may be
//   largest_derivative(most)        infinite; NaN gives NaN where the bound depends on `most`
//   value(z)                        act(z)
//   times_derivative(z, a, factor)  factor act'(z), with a = act(z); z is any number unless
//                                   needs_argument
//
// NaN gives NaN. An infinite z, which only a diverged network has, may give NaN.

#if defined(ANNMPI_RULES_ACTIVATIONS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_ACTIVATIONS_INL
#undef ANNMPI_RULES_ACTIVATIONS_INL
#else
#define ANNMPI_RULES_ACTIVATIONS_INL
#endif

#include "annmpi/rules/activation.hpp"
#include "annmpi/rules/activations/elu-inl.hpp"
#include "annmpi/rules/activations/gelu-inl.hpp"
#include "annmpi/rules/activations/leaky_relu-inl.hpp"
#include "annmpi/rules/activations/relu-inl.hpp"
#include "annmpi/rules/activations/sigmoid-inl.hpp"
#include "annmpi/rules/activations/silu-inl.hpp"
#include "annmpi/rules/activations/tanh-inl.hpp"

ANNMPI_FORMULAS_BEGIN

/// work(rule) with the struct of an activation function.
ANNMPI_CALLER
template <class Work>
ANNMPI_FORMULA auto with_activation(Activation activation, Work&& work) {
  switch (activation) {
    case Activation::sigmoid:
      return work(Sigmoid());
    case Activation::tanh:
      return work(Tanh());
    case Activation::relu:
      return work(Relu());
    case Activation::gelu:
      return work(Gelu());
    case Activation::silu:
      return work(Silu());
    case Activation::leaky_relu:
      return work(LeakyRelu());
    case Activation::elu:
      return work(Elu());
  }
  ANNMPI_UNREACHABLE
}

ANNMPI_FORMULA double largest_value(Activation activation, double most) {
  return with_activation(activation, [most](auto rule) { return rule.largest_value(most); });
}
ANNMPI_FORMULA double largest_derivative(Activation activation, double most) {
  return with_activation(activation, [most](auto rule) { return rule.largest_derivative(most); });
}

ANNMPI_FORMULAS_END

#endif
