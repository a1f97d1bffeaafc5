// softmax outputs: probabilities that sum to 1, with the cross-entropy of the label's class.

#if defined(ANNMPI_RULES_SOFTMAX_LOSS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_SOFTMAX_LOSS_INL
#undef ANNMPI_RULES_SOFTMAX_LOSS_INL
#else
#define ANNMPI_RULES_SOFTMAX_LOSS_INL
#endif

#include "annmpi/rules/elementary-inl.hpp"

ANNMPI_FORMULAS_BEGIN

/// From e_k = e^(z_k - max z) and their sum over the classes.
struct SoftmaxLoss {
  static constexpr bool has_independent_classes = false;
  static ANNMPI_FORMULA double largest_delta() { return 1; }

  /// The loss of a row, with the label's logit less the largest one.
  template <class V>
  static ANNMPI_FORMULA V loss(V sum, V labels_logit) {
    return log_from_one(sum) - labels_logit;
  }
  /// d loss / d z_k, with target 1 for the label's class, else 0.
  template <class V>
  static ANNMPI_FORMULA V delta(V exponential, V sum, V target) {
    return exponential / sum - target;
  }
};

ANNMPI_FORMULAS_END

#endif
