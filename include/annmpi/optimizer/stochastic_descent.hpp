#pragma once

#include <cstdint>

#include "annmpi/base/stochastic_objective.hpp"
#include "annmpi/optimizer/method.hpp"
#include "annmpi/optimizer/stochastic_update.hpp"

namespace annmpi {

/// Descent by mini-batches: an iterate() is an epoch and ends with an evaluation of the cost on the
/// whole set. An epoch ends early, with an evaluation, when a rank requests a stop.
///
/// All control flow depends on the number of the step only, so that no decision is communicated.
class StochasticDescent final : public Method {
 public:
  /// Steps between two collective checks for a stop request.
  static constexpr std::int64_t steps_between_stop_checks = 64;

  /// `objective` must outlive the method.
  StochasticDescent(StochasticObjective& objective, const StochasticMethod& method)
      : objective_(objective), method_(method) {}

  Iteration start() override;
  Iteration iterate() override;
  void visit_state(StateVisitor& visitor) override;

 private:
  [[nodiscard]] Iteration evaluate(double gradient_norm, double rate);

  StochasticObjective& objective_;
  StochasticMethod method_;
  std::int64_t step_ = 0;  ///< over all epochs
};

}  // namespace annmpi
