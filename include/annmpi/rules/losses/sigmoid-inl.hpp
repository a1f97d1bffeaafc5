// sigmoid outputs: a logistic unit per class, each with its cross-entropy.

#if defined(ANNMPI_RULES_SIGMOID_LOSS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_SIGMOID_LOSS_INL
#undef ANNMPI_RULES_SIGMOID_LOSS_INL
#else
#define ANNMPI_RULES_SIGMOID_LOSS_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

/// With u = z for target 0 and -z for target 1, the loss is softplus(u), and its derivative
/// sigmoid(u) or -sigmoid(u): nothing cancels.
struct SigmoidLoss {
  /// Whether a class's loss depends on its own logit alone.
  static constexpr bool has_independent_classes = true;
  /// Upper bound of |d loss / d z|.
  static ANNMPI_FORMULA double largest_delta() { return 1; }

  /// The loss of units with logits z, and delta = d loss / d z. The loss is NaN where a logit is
  /// not finite.
  template <class V, class Mask>
  static ANNMPI_FORMULA V loss(V z, Mask is_label, V& delta) {
    const V zero = constant<V>(0);
    const V u = select(is_label, negative(z), z);
    const V falloff = decay(z);
    const V chance = sigmoid_from(u, falloff);
    delta = select(is_label, negative(chance), chance);
    return select(u < zero, zero, u) + log1p_of_fraction(falloff) + (z - z);
  }
};

ANNMPI_FORMULAS_END

#endif
