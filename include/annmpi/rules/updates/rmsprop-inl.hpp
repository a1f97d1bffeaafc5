// rmsprop: steps relative to the root mean square of gradients
//
//     v = beta2 v + (1 - beta2) g^2
//     w = w - rate g / (sqrt(v) + epsilon)
//
// G. Hinton, lecture 6 of "Neural networks for machine learning" (2012), in PyTorch's form, without
// its momentum and not centred; beta2 is PyTorch's alpha.

#if defined(ANNMPI_RULES_RMSPROP_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_RMSPROP_INL
#undef ANNMPI_RULES_RMSPROP_INL
#else
#define ANNMPI_RULES_RMSPROP_INL
#endif

#include "annmpi/rules/update_scalars-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Rmsprop {
  static constexpr UpdateDefaults defaults{.learning_rate = 0.01,
                                           .constants = {.beta2 = 0.99, .epsilon = 1e-8}};
  static constexpr bool corrects_moments = false;
  static constexpr bool uses(std::string_view key) { return key == "beta2" || key == "epsilon"; }
  static constexpr int states(const UpdateConstants&) { return 1; }

  template <class V>
  static ANNMPI_FORMULA V moved(const UpdateScalars<V>& s, V w, V g, V* state) {
    state[0] = fused(s.beta2, state[0], s.share2 * (g * g));
    return fused(s.back, g / (square_root(state[0]) + s.epsilon), w);
  }
};

ANNMPI_FORMULAS_END

#endif
