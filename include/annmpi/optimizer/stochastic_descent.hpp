#pragma once

#include <cstdint>

#include "annmpi/base/stochastic_objective.hpp"
#include "annmpi/optimizer/method.hpp"
#include "annmpi/optimizer/stochastic_update.hpp"

namespace annmpi {

/// Descent by mini-batches: an iterate() is an epoch, and ends with an evaluation of the cost on
/// the whole set. An epoch that should be stopped is evaluated where it stands.
///
/// Everything follows from the number of the step: there is nothing to decide.
class StochasticDescent final : public Method {
 public:
  /// Steps after which ranks ask each other whether to stop.
  static constexpr std::int64_t steps_between_questions = 64;

  /// `objective` must outlive the method.
  StochasticDescent(StochasticObjective& objective, const StochasticMethod& method)
      : objective_(objective), method_(method) {}

  Iteration start() override;
  Iteration iterate() override;

 private:
  [[nodiscard]] Iteration evaluated(double gradient_norm, double rate);

  StochasticObjective& objective_;
  StochasticMethod method_;
  std::int64_t step_ = 0;  ///< over all epochs
};

}  // namespace annmpi
