#include "annmpi/objective/full_batch_objective.hpp"

#include <cstddef>
#include <span>
#include <utility>

#include "annmpi/objective/agreement.hpp"

namespace annmpi::objective {

FullBatchObjective::FullBatchObjective(device::FullBatchDevice& device,
                                       const comm::Communicator& communicator, LoadedSet training,
                                       std::optional<LoadedSet> monitored,
                                       std::span<const double> theta,
                                       FullBatchObjectiveOptions options, PhaseTimes& times)
    : device_(device),
      communicator_(communicator),
      training_(std::move(training)),
      monitored_(std::move(monitored)),
      options_(std::move(options)),
      times_(times),
      timed_sums_(communicator, times),
      theta_(device.space().zero()) {
  space().upload(theta, *theta_);
  theta_on_host_.resize(theta.size());
  if (options_.mixed_ranks) mixed_ranks_.emplace(communicator, theta.size());
  if (!options_.tangent_trials) trial_gradient_ = device.space().zero();
}

device::Point FullBatchObjective::point(double step) const {
  return {*theta_, direction_, step};
}

/// The dots of theta and the direction. Fetched on first use, to overlap with the first trial.
const device::PenaltyDots& FullBatchObjective::line_dots() {
  if (!penalty_) penalty_ = penalty_dots();
  return *penalty_;
}

/// The dots started last, equal on all ranks.
device::PenaltyDots FullBatchObjective::penalty_dots() {
  return mixed_ranks_ ? mixed_ranks_->penalty_dots(device_) : device_.penalty_dots();
}

double FullBatchObjective::squared_weights(double step) {
  const device::PenaltyDots& dots = line_dots();
  return dots.weights_weights +
         step * (2 * dots.weights_direction + step * dots.direction_direction);
}

double FullBatchObjective::cost(double loss, double squared_weights, std::uint64_t rows) const {
  return penalised_cost(loss, options_.l2, squared_weights, rows);
}

void FullBatchObjective::sum_over_ranks(ExactSums& sums) {
  timed_sums_.measure([&] { sums.sum_over(communicator_); });
}

/// Runs pass(), which reads the features of a set.
template <class Pass>
auto FullBatchObjective::through(const LoadedSet& set, Pass&& pass) {
  return read_together(set.streamed, communicator_, std::forward<Pass>(pass));
}

double FullBatchObjective::evaluate(Vector& gradient) {
  direction_ = nullptr;
  commits_since_refresh_ = 0;
  require_equal_theta();
  penalty_ = times_.measure(Phase::update, [&] {
    device_.start_penalty_dots(*theta_, nullptr);
    return penalty_dots();
  });
  project_training();
  compute_gradient(Phase::gradient, 0, gradient);
  project_monitored();
  finish_measurement(penalty_->weights_weights);
  return state_.training.cost;
}

void FullBatchObjective::aim(const Vector& direction) {
  direction_ = &direction;
  measured_step_.reset();
  monitored_step_.reset();
  trial_step_.reset();
  penalty_.reset();
  times_.measure(Phase::aim, [&] {
    device_.start_penalty_dots(*theta_, direction_);
    const bool streamed = training_.streamed || (monitored_ && monitored_->streamed);
    read_together(streamed, communicator_, [&] { device_.aim(carried_shards(), direction); });
  });
}

/// The rows whose Z is updated along the line: both sets, or only the training set, which trials
/// need, if the next commit recomputes Z.
std::span<device::DeviceRows* const> FullBatchObjective::carried_shards() {
  shards_[0] = training_.rows.get();
  if (!monitored_ || will_refresh()) return std::span(shards_).first(1);
  shards_[1] = monitored_->rows.get();
  return shards_;
}

Probe FullBatchObjective::probe(double step) {
  return options_.tangent_trials ? probe_by_tangent(step) : probe_by_gradient(step);
}

Probe FullBatchObjective::probe_by_tangent(double step) {
  const device::LossAndSlope mine =
      times_.measure(Phase::trials, [&] { return device_.probe(*training_.rows, point(step)); });
  ExactSums sums({mine.loss, mine.slope}, {});
  sum_over_ranks(sums);
  const auto m = static_cast<double>(training_.size());
  const device::PenaltyDots& dots = line_dots();
  const double penalty_slope =
      options_.l2 / m * (dots.weights_direction + step * dots.direction_direction);
  return {cost(sums.value(0), squared_weights(step), training_.size()),
          sums.value(1) / m + penalty_slope};
}

Probe FullBatchObjective::probe_by_gradient(double step) {
  compute_gradient(Phase::trials, step, *trial_gradient_);
  trial_step_ = step;
  ExactSums sums({device_.measured(*training_.rows).loss}, {});
  sum_over_ranks(sums);
  const DotPair along{trial_gradient_.get(), direction_};
  double slope = 0;
  space().multi_dot(std::span(&along, 1), std::span(&slope, 1));
  return {cost(sums.value(0), squared_weights(step), training_.size()), slope};
}

void FullBatchObjective::gradient_at(double step, Vector& gradient) {
  if (trial_step_ == step)
    space().copy(*trial_gradient_, gradient);
  else
    compute_gradient(Phase::gradient, step, gradient);
}

void FullBatchObjective::compute_gradient(Phase phase, double step, Vector& gradient) {
  const auto m = static_cast<double>(training_.size());
  times_.measure(phase, [&] {
    through(training_, [&] { device_.start_gradient(*training_.rows, point(step)); });
    measured_step_ = step;
  });
  // After trials, the gradient is nearly always requested at the step that is then committed.
  if (options_.tangent_trials && direction_ != nullptr) measure_monitored(step);
  timed_sums_.measure([&] {
    if (mixed_ranks_)
      mixed_ranks_->finish_gradient(device_, point(step), 1 / m, options_.l2 / m, gradient);
    else
      device_.finish_gradient(point(step), 1 / m, options_.l2 / m, gradient);
  });
}

/// Does nothing if the next commit recomputes Z of the monitored set.
void FullBatchObjective::measure_monitored(double step) {
  if (!monitored_ || will_refresh() || monitored_step_ == step) return;
  times_.measure(Phase::monitor, [&] { device_.start_measure(*monitored_->rows, point(step)); });
  monitored_step_ = step;
}

/// Computes Z of the training set at theta from the features.
void FullBatchObjective::project_training() {
  times_.measure(Phase::project,
                 [&] { through(training_, [&] { device_.project(*training_.rows, *theta_); }); });
}

/// Computes Z of the monitored set at theta from the features, and starts its measurement.
void FullBatchObjective::project_monitored() {
  if (!monitored_) return;
  times_.measure(Phase::monitor, [&] {
    through(*monitored_, [&] { device_.project(*monitored_->rows, *theta_); });
    device_.start_measure(*monitored_->rows, {*theta_});
  });
}

void FullBatchObjective::commit(double step) {
  if (measured_step_ != step)
    times_.measure(Phase::trials, [&] { device_.start_measure(*training_.rows, point(step)); });
  measure_monitored(step);
  const double squared = squared_weights(step);
  if (will_refresh()) {
    commits_since_refresh_ = 0;
    times_.measure(Phase::update, [&] { space().axpy(step, *direction_, *theta_); });
    require_equal_theta();
    project_training();
    project_monitored();
  } else {
    times_.measure(Phase::update,
                   [&] { device_.move(step, *direction_, *theta_, carried_shards()); });
    ++commits_since_refresh_;
  }
  direction_ = nullptr;
  finish_measurement(squared);
}

void FullBatchObjective::visit_state(StateVisitor& visitor) {
  visitor.vector("theta", space(), *theta_);
  visitor.counter("commits_since_refresh", commits_since_refresh_);
  objective::visit_state(visitor, state_.training, state_.monitored, monitored_.has_value());
  if (!visitor.restores()) return;
  direction_ = nullptr;
  require_equal_theta();
  project_training();
  if (!monitored_) return;
  times_.measure(Phase::monitor, [&] {
    through(*monitored_, [&] { device_.project(*monitored_->rows, *theta_); });
  });
}

void FullBatchObjective::require_equal_theta() {
  times_.measure(Phase::update, [&] {
    space().download(*theta_, theta_on_host_);
    require_equal_parameters(communicator_, theta_on_host_);
  });
}

void FullBatchObjective::finish_measurement(double squared_weights) {
  OwnSums own{.training = device_.measured(*training_.rows),
              .stop_requested = options_.stop_requested()};
  if (monitored_) own.monitored = device_.measured(*monitored_->rows);
  state_ = reduce(own, training_, monitored_ ? &*monitored_ : nullptr, options_.l2, squared_weights,
                  [this](ExactSums& sums) { sum_over_ranks(sums); });
  measured_step_.reset();
  monitored_step_.reset();
}

}  // namespace annmpi::objective
