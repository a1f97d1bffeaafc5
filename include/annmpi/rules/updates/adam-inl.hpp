// adam: steps by the mean of gradients, relative to their root mean square
//
//     m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g^2
//     w = w - decay w - rate (m / correction1) / (sqrt(v / correction2) + epsilon)
//
// D. P. Kingma and J. Ba, ICLR 2015, algorithm 1, as in PyTorch and scikit-learn. With weight_decay
// AdamW, I. Loshchilov and F. Hutter, ICLR 2019, algorithm 2: every parameter, biases too, shrinks
// by the share rate * weight_decay. (The paper uses the multiplier of the schedule instead of the
// rate; this is PyTorch's convention.)

#if defined(ANNMPI_RULES_ADAM_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_ADAM_INL
#undef ANNMPI_RULES_ADAM_INL
#else
#define ANNMPI_RULES_ADAM_INL
#endif

#include "annmpi/rules/update_scalars-inl.hpp"

ANNMPI_FORMULAS_BEGIN

struct Adam {
  static constexpr UpdateDefaults defaults{
      .learning_rate = 0.001, .constants = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8}};
  static constexpr bool corrects_moments = true;
  static constexpr bool uses(std::string_view key) {
    return key == "beta1" || key == "beta2" || key == "epsilon" || key == "weight_decay";
  }
  static constexpr int states(const UpdateConstants&) { return 2; }

  template <class V>
  static ANNMPI_FORMULA V moved(const UpdateScalars<V>& s, V w, V g, V* state) {
    const V m = fused(s.beta1, state[0], s.share1 * g);
    const V v = fused(s.beta2, state[1], s.share2 * (g * g));
    state[0] = m;
    state[1] = v;
    const V size = fused(square_root(v), s.widen, s.epsilon);
    return fused(s.back, m / size, s.keep * w);
  }
};

ANNMPI_FORMULAS_END

#endif
