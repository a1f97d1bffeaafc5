#pragma once

#include <cstdint>

#include "annmpi/base/state.hpp"
#include "annmpi/rules/parameter_update.hpp"

namespace annmpi {

/// The function that a stochastic method minimises: a cost of parameters theta, which the objective
/// owns, evaluated on one mini-batch at a time.
///
/// Every call is collective: all ranks make the same calls in the same order with the same
/// arguments, and all receive the same results.
class StochasticObjective {
 public:
  StochasticObjective() = default;
  StochasticObjective(const StochasticObjective&) = delete;
  StochasticObjective& operator=(const StochasticObjective&) = delete;
  virtual ~StochasticObjective() = default;

  [[nodiscard]] virtual std::int64_t steps_per_epoch() const = 0;

  /// One update of theta with the mean gradient of batch `step` of an epoch.
  virtual void step(std::int64_t epoch, std::int64_t step, const ParameterUpdate& update) = 0;

  /// Whether any rank wants to stop before the end of the epoch. Communicates: do not call it for
  /// every step.
  [[nodiscard]] virtual bool should_stop() = 0;

  /// The cost of the whole set at the current theta.
  virtual double evaluate() = 0;

  /// Infinity norm of the last step's gradient, equal on all ranks.
  [[nodiscard]] virtual double largest_gradient() = 0;

  /// Visits theta and the state of the updates; valid after any step.
  virtual void visit_state(StateVisitor& visitor) = 0;
};

}  // namespace annmpi
