#include "annmpi/objective/mini_batch_objective.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "annmpi/objective/agreement.hpp"
#include "annmpi/objective/exact_sums.hpp"

namespace annmpi::objective {

MiniBatchObjective::MiniBatchObjective(device::MiniBatchDevice& device,
                                       const comm::Communicator& communicator,
                                       RankExchange* exchange, const data::BatchOrder& order,
                                       const LoadedSet& training, const LoadedSet* monitored,
                                       MiniBatchObjectiveOptions options, PhaseTimes& times)
    : device_(device),
      communicator_(communicator),
      order_(order),
      training_(training),
      monitored_(monitored),
      options_(std::move(options)),
      times_(times),
      theta_(device.space().zero()),
      theta_on_host_(device.space().dimension()) {
  const bool device_draws =
      communicator.all_agree([&] { return device.draw_batches_from(*training.rows, order); });
  if (!device_draws)
    source_.emplace(order_, *training.rows->on_host(), training.partition, exchange);
}

void MiniBatchObjective::step(std::int64_t epoch, std::int64_t step,
                              const ParameterUpdate& update) {
  times_.measure(Phase::steps, [&] {
    const data::BatchPlace place{static_cast<std::uint64_t>(epoch),
                                 static_cast<std::uint64_t>(step)};
    if (!source_) return device_.step(place, update);
    const std::optional<data::Batch> batch = source_->batch_at(place);
    if (!batch) {
      source_->receive_pending();
      communicator_.all_agree([&] { source_->require_read(); });
    }
    device_.step(*batch, update);
  });
}

bool MiniBatchObjective::should_stop() {
  std::array<std::int64_t, 1> stop_requests{options_.stop_requested() ? 1 : 0};
  times_.measure(Phase::wait, [&] { communicator_.sum(stop_requests); });
  return stop_requests[0] > 0;
}

double MiniBatchObjective::evaluate() {
  if (source_) source_->receive_pending();
  if (!source_) times_.measure(Phase::steps, [&] { device_.synchronize(); });
  times_.measure(Phase::update, [&] { fetch_theta(); });
  OwnSums own{.training = {}, .stop_requested = options_.stop_requested()};
  times_.measure(Phase::monitor, [&] {
    own.training = measure_own(training_);
    if (monitored_ != nullptr) own.monitored = measure_own(*monitored_);
  });
  state_ = reduce(own, training_, monitored_, options_.l2, device_.squared_weights(theta_on_host_),
                  [this](ExactSums& sums) {
                    times_.measure(Phase::reduce, [&] { sums.sum_over(communicator_); });
                  });
  return state_.training.cost;
}

/// Copies the parameters from the device and compares them with rank 0's. Collective.
void MiniBatchObjective::fetch_theta() {
  device_.get_parameters(*theta_);
  space().download(*theta_, theta_on_host_);
  require_equal_parameters(communicator_, theta_on_host_);
}

/// Measures this rank's rows at the current parameters. Collective for streamed sets.
device::LossAndHits MiniBatchObjective::measure_own(const LoadedSet& set) {
  return read_together(set.streamed, communicator_, [&] { return device_.measure(*set.rows); });
}

double MiniBatchObjective::largest_gradient() {
  std::array<double, 1> largest{device_.largest_gradient()};
  // MPI_MAX may drop NaN.
  if (std::isnan(largest[0])) largest[0] = std::numeric_limits<double>::infinity();
  communicator_.max(largest);
  return largest[0];
}

void MiniBatchObjective::visit_state(StateVisitor& visitor) {
  if (source_) source_->receive_pending();  // the next step requests its batch by place
  {
    const StateGroup group(visitor, "device");
    device_.visit_state(visitor);
  }
  objective::visit_state(visitor, state_.training, state_.monitored, monitored_ != nullptr);
  if (visitor.restores()) fetch_theta();
}

}  // namespace annmpi::objective
