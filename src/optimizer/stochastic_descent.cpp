#include "annmpi/optimizer/stochastic_descent.hpp"

#include <cmath>
#include <limits>

#include "annmpi/base/error.hpp"

namespace annmpi {

Iteration StochasticDescent::evaluate(double gradient_norm, double rate) {
  const double cost = objective_.evaluate();
  return {.outcome = std::isfinite(cost) ? Iteration::Outcome::moved : Iteration::Outcome::diverged,
          .cost = cost,
          .gradient_norm = gradient_norm,
          .step = rate,
          .evaluations = step_ + 1,
          .iteration = step_,
          .epoch = static_cast<double>(step_) / static_cast<double>(objective_.steps_per_epoch())};
}

Iteration StochasticDescent::start() {
  const Iteration iteration = evaluate(std::numeric_limits<double>::quiet_NaN(), 0);
  require(std::isfinite(iteration.cost),
          "the cost at the start is {} (it must be finite); look for values in the data that are "
          "not, or start from smaller weights",
          iteration.cost);
  return iteration;
}

Iteration StochasticDescent::iterate() {
  const std::int64_t steps = objective_.steps_per_epoch();
  double rate = 0;
  do {
    const ParameterUpdate update = method_.at(step_);
    rate = update.rate;
    objective_.step(step_ / steps, step_ % steps, update);
    ++step_;
    if (step_ % steps_between_stop_checks == 0 && objective_.should_stop()) break;
  } while (step_ % steps != 0);
  return evaluate(objective_.largest_gradient(), rate);
}

void StochasticDescent::visit_state(StateVisitor& visitor) {
  const StateGroup group(visitor, "stochastic");
  visitor.counter("step", step_);
}

}  // namespace annmpi
