#pragma once

#include "annmpi/rules/update_rule.hpp"

namespace annmpi::rules {

/// One step of a stochastic method on every parameter w, element by element, with the gradient g of
/// its batch. Holds all scalars of the step, so that the update can run wherever the parameters and
/// the gradient are.
///
/// First the penalty of the cost and the clipping, if any:
///     g = mean over the batch of d loss / d w + penalty w      (weights; biases have no penalty)
///     g = g min(1, clip_norm / ||g||)                          where clip_norm > 0
/// then the rule (rules/updates/ has the formulas).
struct ParameterUpdate {
  UpdateRule rule = UpdateRule::sgd;
  double rate = 0;
  double penalty = 0;    ///< l2 / m, m rows in the whole set
  double clip_norm = 0;  ///< upper limit of the gradient's Euclidean norm; 0: none
  UpdateConstants constants{};
  double correction1 = 1;  ///< 1 - beta1^t at step t = 1, 2, ... if the rule corrects its moments
  double correction2 = 1;  ///< 1 - beta2^t
  double decay = 0;        ///< rate * weight_decay
};

/// State vectors beside the parameters.
[[nodiscard]] inline int states_of(const ParameterUpdate& update) {
  return states_of(update.rule, update.constants);
}

}  // namespace annmpi::rules

namespace annmpi {
using rules::ParameterUpdate;
using rules::states_of;
using rules::UpdateRule;
}  // namespace annmpi
