// sgd: stochastic gradient descent, with momentum if there is any
//
//     v = momentum v - rate g
//     w = w + v, or with Nesterov's step w = w + momentum v - rate g
//
// The heavy ball of B. T. Polyak 1964, and Nesterov's accelerated gradient in the form of I.
// Sutskever et al., ICML 2013, equations 1 to 4, with the parameters kept at the point where the
// gradient is taken (Y. Bengio et al. 2013, arXiv:1212.0901, section 3.5). The velocity accumulates
// steps, so a change of the rate affects new gradients only. PyTorch's velocity accumulates
// gradients and is multiplied by the current rate: the same for a constant rate, different with a
// schedule.

#if defined(ANNMPI_RULES_SGD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_SGD_INL
#undef ANNMPI_RULES_SGD_INL
#else
#define ANNMPI_RULES_SGD_INL
#endif

#include "annmpi/rules/update_scalars-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Sgd {
  static constexpr UpdateDefaults defaults{.learning_rate = 0.001, .constants = {}};
  static constexpr bool corrects_moments = false;
  static constexpr bool uses(std::string_view key) {
    return key == "momentum" || key == "nesterov";
  }
  static constexpr int states(const UpdateConstants& constants) {
    return constants.momentum != 0 ? 1 : 0;
  }

  template <class V>
  static ANNMPI_FORMULA V moved(const UpdateScalars<V>& s, V w, V g, V* state) {
    const V step = s.back * g;
    if (!s.has_velocity) return w + step;
    const V kept = fused(s.momentum, state[0], step);
    state[0] = kept;
    return w + (s.nesterov ? fused(s.momentum, kept, step) : kept);
  }
};

ANNMPI_FORMULAS_END

#endif
