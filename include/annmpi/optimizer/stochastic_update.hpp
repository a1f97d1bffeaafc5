#pragma once

#include <cstdint>

#include "annmpi/optimizer/learning_rate.hpp"
#include "annmpi/rules/parameter_update.hpp"

namespace annmpi {

/// A stochastic method: the update of the parameters as a function of the number of the step.
struct StochasticMethod {
  UpdateRule rule = UpdateRule::sgd;
  LearningRate rate{};
  rules::UpdateConstants constants{};
  double clip_norm = 0;  ///< 0: no clipping
  double penalty = 0;    ///< l2 / m

  /// The update of step t = 0, 1, ..., counted over all epochs.
  [[nodiscard]] ParameterUpdate at(std::int64_t step) const;
};

}  // namespace annmpi
