// The losses of the output units: a struct of formulas each, and the choice among them.
//
//   largest_delta()                bound of |d loss / d z|
//   has_independent_classes        whether a class's loss depends on its own logit alone; if so:
//   loss(z, is_label, delta)       the loss of a class, and delta = d loss / d z
//                                  if not, with the exponentials of the logits less the largest:
//   loss(sum, labels_logit)        the loss of a row
//   delta(exponential, sum, target)  d loss / d z of a class

#if defined(ANNMPI_RULES_LOSSES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_LOSSES_INL
#undef ANNMPI_RULES_LOSSES_INL
#else
#define ANNMPI_RULES_LOSSES_INL
#endif

#include "annmpi/rules/loss.hpp"
#include "annmpi/rules/losses/sigmoid-inl.hpp"
#include "annmpi/rules/losses/softmax-inl.hpp"

ANNMPI_FORMULAS_BEGIN

/// work(rule) with the struct of the loss.
ANNMPI_CALLER
template <class Work>
ANNMPI_FORMULA auto with_loss(OutputUnit output, Work&& work) {
  switch (output) {
    case OutputUnit::sigmoid:
      return work(SigmoidLoss());
    case OutputUnit::softmax:
      return work(SoftmaxLoss());
  }
  ANNMPI_UNREACHABLE
}

ANNMPI_FORMULAS_END

#endif
