#pragma once

#include <cstdint>

#include "annmpi/optimizer/learning_rate.hpp"
#include "annmpi/rules/parameter_update.hpp"

namespace annmpi {

/// A stochastic method: the update of the parameters as a function of the number of the step.
///
/// momentum    The heavy ball of B. T. Polyak 1964, and Nesterov's accelerated gradient in the form
///             of I. Sutskever et al., ICML 2013, equations 1 to 4, with the parameters kept at the
///             point where the gradient is taken (Y. Bengio et al. 2013, arXiv:1212.0901, section
///             3.5). The velocity accumulates steps, so a change of the rate affects new gradients
///             only. PyTorch's velocity accumulates gradients and is multiplied by the current
///             rate: the same for a constant rate, different with a schedule.
/// adam        D. P. Kingma and J. Ba, ICLR 2015, algorithm 1, as in PyTorch and scikit-learn.
///             With weight_decay AdamW, I. Loshchilov and F. Hutter, ICLR 2019, algorithm 2: every
///             parameter, biases too, shrinks by the share rate * weight_decay. (The paper uses the
///             multiplier of the schedule instead of the rate; this is PyTorch's convention.)
struct StochasticMethod {
  ParameterUpdate::Method method = ParameterUpdate::Method::momentum;
  LearningRate rate{};
  rules::UpdateConstants constants{};
  double clip_norm = 0;  ///< 0: no clipping
  double penalty = 0;    ///< l2 / m

  /// The update of step t = 0, 1, ..., counted over all epochs.
  [[nodiscard]] ParameterUpdate at(std::int64_t step) const;
};

}  // namespace annmpi
