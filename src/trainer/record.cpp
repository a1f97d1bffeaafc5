#include "annmpi/trainer/record.hpp"

#include "annmpi/objective/training_state.hpp"

namespace annmpi::trainer {

void Record::visit_state(StateVisitor& visitor) {
  visitor.counter("iteration", iteration);
  visitor.counter("evaluations", evaluations);
  visitor.scalar("seconds", seconds);
  bool is_monitored = monitored.has_value();
  visitor.counter("is_monitored", is_monitored);
  if (!is_monitored) monitored.reset();
  objective::visit_state(visitor, training, monitored, is_monitored);
  visitor.scalar("gradient_norm", gradient_norm);
  visitor.scalar("step", step);
  bool has_epoch = epoch.has_value();
  visitor.counter("has_epoch", has_epoch);
  if (!has_epoch) return epoch.reset();
  if (!epoch) epoch.emplace();
  visitor.scalar("epoch", *epoch);
}

}  // namespace annmpi::trainer
