// adagrad: steps relative to the root of the sum of all squared gradients
//
//     v = v + g^2
//     w = w - rate g / (sqrt(v) + epsilon)
//
// J. Duchi, E. Hazan and Y. Singer, JMLR 12 (2011), with diagonal matrices; as in PyTorch.

#if defined(ANNMPI_RULES_ADAGRAD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_ADAGRAD_INL
#undef ANNMPI_RULES_ADAGRAD_INL
#else
#define ANNMPI_RULES_ADAGRAD_INL
#endif

#include "annmpi/rules/update_scalars-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Adagrad {
  static constexpr UpdateDefaults defaults{.learning_rate = 0.01, .constants = {.epsilon = 1e-10}};
  static constexpr bool corrects_moments = false;
  static constexpr bool uses(std::string_view key) { return key == "epsilon"; }
  static constexpr int states(const UpdateConstants&) { return 1; }

  template <class V>
  static ANNMPI_FORMULA V moved(const UpdateScalars<V>& s, V w, V g, V* state) {
    state[0] = fused(g, g, state[0]);
    return fused(s.back, g / (square_root(state[0]) + s.epsilon), w);
  }
};

ANNMPI_FORMULAS_END

#endif
