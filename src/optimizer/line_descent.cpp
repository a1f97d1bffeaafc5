#include "optimizer/line_descent.hpp"

#include <cmath>

#include "annmpi/base/error.hpp"

namespace annmpi {
namespace {

void require_valid(const DescentOptions& options) {
  require(options.gradient_tolerance >= 0,
          "gradient_tolerance = {} cannot be used (a norm is held against it) choose 0 or more",
          options.gradient_tolerance);
  require(0 < options.c1 && options.c1 < options.c2 && options.c2 < 1,
          "c1 = {} and c2 = {} cannot be used (the Wolfe conditions need 0 < c1 < c2 < 1) choose "
          "others, such as 0.0001 and 0.4",
          options.c1, options.c2);
  require(options.max_trials >= 1,
          "max_trials = {} cannot be used (a line search needs a trial) choose 1 or more",
          options.max_trials);
}

}  // namespace

LineDescent::LineDescent(Objective& objective, Decide decide, const DescentOptions& options)
    : objective_(objective),
      space_(objective.space()),
      decide_(std::move(decide)),
      options_(options) {
  require_valid(options_);
  gradient_ = space_.zero();
  other_gradient_ = space_.zero();
  direction_ = space_.zero();
}

double LineDescent::start() {
  evaluations_ = 1;
  iteration_ = 0;
  return objective_.evaluate(*gradient_);
}

void LineDescent::require_finite_start(double cost, double gradient_square, double gradient_norm) {
  require(std::isfinite(cost) && std::isfinite(gradient_square),
          "training cannot start: the cost is {} and the largest element of its gradient {} (both "
          "must be finite) look for values in the data that are not, or start from smaller weights",
          cost, gradient_norm);
}

void LineDescent::visit_state(StateVisitor& visitor) {
  visitor.vector("gradient", space_, *gradient_);
  visitor.counter("evaluations", evaluations_);
  visitor.counter("iteration", iteration_);
}

bool LineDescent::is_within_tolerance(double norm, double square) const {
  const bool infinity = options_.gradient_norm == rules::GradientNorm::infinity;
  return (infinity ? norm : std::sqrt(square)) <= options_.gradient_tolerance;
}

LineAnswer LineDescent::evaluate_trial(LineSearch& search, double step) {
  const Probe probe = objective_.probe(step);
  ++evaluations_;
  return decide_([&] { return search.advance(probe); });
}

/// Commits the step at which other_gradient_ was computed.
void LineDescent::move_to(double step) {
  objective_.commit(step);
  std::swap(gradient_, other_gradient_);
  ++iteration_;
}

}  // namespace annmpi
