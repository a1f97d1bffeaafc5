// lion: steps of one size, by the signs of the mean of gradients
//
//     u = sign(beta1 m + (1 - beta1) g)      m = beta2 m + (1 - beta2) g
//     w = w - decay w - rate u
//
// X. Chen et al., NeurIPS 2023, algorithm 2, with its constants; sign(0) = 0. Weights decay as with
// adam.

#if defined(ANNMPI_RULES_LION_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_LION_INL
#undef ANNMPI_RULES_LION_INL
#else
#define ANNMPI_RULES_LION_INL
#endif

#include "annmpi/rules/update_scalars-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Lion {
  static constexpr UpdateDefaults defaults{.learning_rate = 1e-4,
                                           .constants = {.beta1 = 0.9, .beta2 = 0.99}};
  static constexpr bool corrects_moments = false;
  static constexpr bool uses(std::string_view key) {
    return key == "beta1" || key == "beta2" || key == "weight_decay";
  }
  static constexpr int states(const UpdateConstants&) { return 1; }

  template <class V>
  static ANNMPI_FORMULA V moved(const UpdateScalars<V>& s, V w, V g, V* state) {
    const V zero = constant<V>(0), one = constant<V>(1);
    const V mean = fused(s.beta1, state[0], s.share1 * g);
    // Zeros and NaN go through.
    const V sign = select(mean < zero, negative(one), select(mean > zero, one, mean));
    state[0] = fused(s.beta2, state[0], s.share2 * g);
    return fused(s.back, sign, s.keep * w);
  }
};

ANNMPI_FORMULAS_END

#endif
