#pragma once

namespace annmpi::rules {

/// The constants of the update rules, as configured: equal in every step.
struct UpdateConstants {
  double momentum = 0.0;  ///< fraction of the previous step's movement that is kept
  bool nesterov = false;
  double beta1 = 0.9;         ///< decay of the first moment, the mean of gradients
  double beta2 = 0.999;       ///< decay of the second moment, the mean of their squares
  double epsilon = 1e-8;      ///< > 0
  double weight_decay = 0.0;  ///< decoupled from the gradient; biases decay too

  bool operator==(const UpdateConstants&) const = default;
};

/// One step of a stochastic method on every parameter w, element by element, with the gradient g of
/// its batch. Holds all scalars of the step, so that the update can run wherever the parameters and
/// the gradient are.
///
/// First the penalty of the cost and the clipping, if any:
///     g = mean over the batch of d loss / d w + penalty w      (weights; biases have no penalty)
///     g = g min(1, clip_norm / ||g||)                          where clip_norm > 0
/// then by method (optimizer/stochastic_update.hpp cites the sources of the formulas):
///     momentum   v = momentum v - rate g
///                w = w + v, or with Nesterov's step w = w + momentum v - rate g
///     adam       m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g^2
///                w = w - decay w - rate (m / correction1) / (sqrt(v / correction2) + epsilon)
struct ParameterUpdate {
  enum class Method { momentum, adam };

  Method method = Method::momentum;
  double rate = 0;
  double penalty = 0;    ///< l2 / m, m rows in the whole set
  double clip_norm = 0;  ///< upper limit of the gradient's Euclidean norm; 0: none
  UpdateConstants constants{};
  double correction1 = 1;  ///< 1 - beta1^t at step t = 1, 2, ...
  double correction2 = 1;  ///< 1 - beta2^t
  double decay = 0;        ///< adam: rate * weight_decay
};

/// State vectors beside the parameters: the velocity with momentum, both moments for Adam.
[[nodiscard]] constexpr int states_of(const ParameterUpdate& update) {
  if (update.method == ParameterUpdate::Method::adam) return 2;
  return update.constants.momentum != 0 ? 1 : 0;
}

}  // namespace annmpi::rules

namespace annmpi {
using rules::ParameterUpdate;
using rules::states_of;
}  // namespace annmpi
