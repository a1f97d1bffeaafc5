#pragma once

#include <cstdint>

#include "annmpi/optimizer/learning_rate.hpp"
#include "annmpi/rules/parameter_update.hpp"

namespace annmpi {

/// A stochastic method: what its steps do to the parameters, from the number of the step alone.
///
/// momentum    The heavy ball of B. T. Polyak 1964, and Nesterov's accelerated gradient in the form
///             of I. Sutskever et al., ICML 2013, equations 1 to 4, with the parameters kept at the
///             point where the gradient is taken (Y. Bengio et al. 2013, arXiv:1212.0901, section
///             3.5): the velocity is made of steps, so a change of the rate touches new gradients
///             alone. PyTorch's velocity is made of gradients and multiplied by the present rate:
///             the same under a constant rate, and different under a schedule.
/// adam        D. P. Kingma and J. Ba, ICLR 2015, algorithm 1, as in PyTorch and scikit-learn.
///             With weight_decay AdamW, I. Loshchilov and F. Hutter, ICLR 2019, algorithm 2: every
///             parameter, biases too, loses the share rate * weight_decay. (In the paper the factor
///             is the schedule's multiplier instead of the rate; this is PyTorch's convention.)
struct StochasticMethod {
  ParameterUpdate::Method method = ParameterUpdate::Method::momentum;
  LearningRate rate{};
  rules::UpdateConstants constants{};
  double clip_norm = 0;  ///< 0: gradients of any length
  double penalty = 0;    ///< l2 / m

  /// The update of step t = 0, 1, ..., counted over all epochs.
  [[nodiscard]] ParameterUpdate at(std::int64_t step) const;
};

}  // namespace annmpi
