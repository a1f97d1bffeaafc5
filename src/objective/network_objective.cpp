#include "annmpi/objective/network_objective.hpp"

#include <cstddef>
#include <span>
#include <utility>

#include "annmpi/objective/agreement.hpp"
#include "annmpi/objective/held_rows.hpp"

namespace annmpi::objective {

NetworkObjective::NetworkObjective(model::Device& device, const comm::Communicator& communicator,
                                   SampleSet training, std::optional<SampleSet> monitored,
                                   std::span<const double> theta, ObjectiveOptions options,
                                   PhaseTimes& times)
    : device_(device),
      communicator_(communicator),
      training_(std::move(training)),
      monitored_(std::move(monitored)),
      options_(std::move(options)),
      times_(times),
      timed_sums_(communicator, times),
      theta_(device.space().zero()) {
  device_.upload(theta, *theta_);
  theta_on_host_.resize(theta.size());
  if (!options_.tangent_trials) trial_gradient_ = device.space().zero();
}

model::Point NetworkObjective::point(double step) const {
  return {*theta_, direction_, step};
}

double NetworkObjective::squared_weights(double step) const {
  return penalty_.weights_weights +
         step * (2 * penalty_.weights_direction + step * penalty_.direction_direction);
}

double NetworkObjective::cost(double loss, double squared_weights, std::uint64_t rows) const {
  return penalised_cost(loss, options_.l2, squared_weights, rows);
}

void NetworkObjective::sum_over_ranks(ExactSums& sums) {
  timed_sums_.measure([&] { sums.sum_over(communicator_); });
}

/// Runs pass(), which reads the features of a set.
template <class Pass>
auto NetworkObjective::through(const SampleSet& set, Pass&& pass) {
  return read_together(set.streamed, communicator_, std::forward<Pass>(pass));
}

double NetworkObjective::evaluate(Vector& gradient) {
  direction_ = nullptr;
  commits_since_refresh_ = 0;
  require_equal_theta();
  penalty_ = times_.measure(Phase::update, [&] { return device_.penalty_dots(*theta_, nullptr); });
  times_.measure(Phase::project,
                 [&] { through(training_, [&] { device_.project(*training_.shard, *theta_); }); });
  compute_gradient(Phase::gradient, 0, gradient);
  const model::LossAndHits other = follow_monitored(
      [&](const SampleSet& set) { through(set, [&] { device_.project(*set.shard, *theta_); }); });
  settle(penalty_.weights_weights, other);
  return training_measured_.cost;
}

void NetworkObjective::aim(const Vector& direction) {
  direction_ = &direction;
  measured_step_.reset();
  trial_step_.reset();
  times_.measure(Phase::aim, [&] {
    penalty_ = device_.penalty_dots(*theta_, direction_);
    through(training_, [&] { device_.aim(*training_.shard, direction); });
  });
}

Probe NetworkObjective::probe(double step) {
  return options_.tangent_trials ? probe_by_tangent(step) : probe_by_gradient(step);
}

Probe NetworkObjective::probe_by_tangent(double step) {
  const model::LossAndSlope mine =
      times_.measure(Phase::trials, [&] { return device_.probe(*training_.shard, point(step)); });
  ExactSums sums({mine.loss, mine.slope}, {});
  sum_over_ranks(sums);
  const auto m = static_cast<double>(training_.rows);
  const double penalty_slope =
      options_.l2 / m * (penalty_.weights_direction + step * penalty_.direction_direction);
  return {cost(sums.value(0), squared_weights(step), training_.rows),
          sums.value(1) / m + penalty_slope};
}

Probe NetworkObjective::probe_by_gradient(double step) {
  compute_gradient(Phase::trials, step, *trial_gradient_);
  trial_step_ = step;
  ExactSums sums({measured_.loss}, {});
  sum_over_ranks(sums);
  const DotPair along{trial_gradient_.get(), direction_};
  double slope = 0;
  space().multi_dot(std::span(&along, 1), std::span(&slope, 1));
  return {cost(sums.value(0), squared_weights(step), training_.rows), slope};
}

void NetworkObjective::gradient_at(double step, Vector& gradient) {
  if (trial_step_ == step)
    space().copy(*trial_gradient_, gradient);
  else
    compute_gradient(Phase::gradient, step, gradient);
}

void NetworkObjective::compute_gradient(Phase phase, double step, Vector& gradient) {
  const auto m = static_cast<double>(training_.rows);
  times_.measure(phase, [&] {
    measured_ =
        through(training_, [&] { return device_.sum_gradient(*training_.shard, point(step)); });
    measured_step_ = step;
  });
  timed_sums_.measure([&] { device_.collect_gradient(gradient); });
  times_.measure(Phase::update,
                 [&] { device_.finish_gradient(point(step), 1 / m, options_.l2 / m, gradient); });
}

void NetworkObjective::commit(double step) {
  if (measured_step_ != step)
    measured_ = times_.measure(Phase::trials,
                               [&] { return device_.measure(*training_.shard, point(step)); });
  const double squared = squared_weights(step);
  const bool refresh = ++commits_since_refresh_ >= options_.refresh_interval;
  if (refresh) commits_since_refresh_ = 0;

  const Vector& direction = *std::exchange(direction_, nullptr);
  const auto carry = [&](const SampleSet& set) {
    if (refresh)
      through(set, [&] { device_.project(*set.shard, *theta_); });
    else
      device_.advance(*set.shard, step);
  };
  times_.measure(Phase::update, [&] { space().axpy(step, direction, *theta_); });
  if (refresh) require_equal_theta();
  times_.measure(refresh ? Phase::project : Phase::update, [&] { carry(training_); });
  const model::LossAndHits other = follow_monitored([&](const SampleSet& set) {
    if (!refresh) through(set, [&] { device_.aim(*set.shard, direction); });
    carry(set);
  });
  settle(squared, other);
}

void NetworkObjective::require_equal_theta() {
  times_.measure(Phase::update, [&] {
    device_.download(*theta_, theta_on_host_);
    require_equal_parameters(communicator_, theta_on_host_);
  });
}

/// Brings the carried values of the monitored set to theta by carry(set), and measures there.
template <class Carry>
model::LossAndHits NetworkObjective::follow_monitored(Carry&& carry) {
  if (!monitored_) return {};
  return times_.measure(Phase::monitor, [&] {
    carry(*monitored_);
    return device_.measure(*monitored_->shard, point(0));
  });
}

void NetworkObjective::settle(double squared_weights, const model::LossAndHits& other) {
  // Requests to stop travel with the sums: no message of their own.
  ExactSums sums({measured_.loss, other.loss},
                 {measured_.hits, other.hits, options_.stop_requested() ? 1 : 0});
  sum_over_ranks(sums);
  stop_requested_ = sums.count(2) > 0;
  measured_step_.reset();
  const auto measurement = [&](std::size_t set, std::uint64_t rows) {
    return Measurement{cost(sums.value(set), squared_weights, rows),
                       static_cast<double>(sums.count(set)) / static_cast<double>(rows)};
  };
  training_measured_ = measurement(0, training_.rows);
  if (monitored_) monitored_measured_ = measurement(1, monitored_->rows);
}

}  // namespace annmpi::objective
