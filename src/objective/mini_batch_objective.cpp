#include "annmpi/objective/mini_batch_objective.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "annmpi/objective/agreement.hpp"
#include "annmpi/objective/exact_sums.hpp"

namespace annmpi::objective {
namespace {

/// Of this rank's rows. Collective where they are streamed.
device::LossAndHits measure_own(device::MiniBatchDevice& device,
                                const comm::Communicator& communicator, const HeldRows& set) {
  device::LossAndHits sums;
  read_together(set.streamed, communicator, [&] {
    set.rows.for_each_block([&](const data::HostBlock& block) {
      const device::LossAndHits of_block = device.measure(block, set.partition.chunk_rows());
      sums.loss.add(of_block.loss);
      sums.hits += of_block.hits;
    });
  });
  return sums;
}

/// Rows in memory are given to the device, which may keep a copy; returns whether it has the
/// batches then.
bool hold(device::MiniBatchDevice& device, const data::BatchOrder& order, const HeldRows& training,
          const HeldRows* monitored) {
  if (monitored != nullptr && !monitored->streamed) device.hold(monitored->rows.in_memory());
  return !training.streamed && device.hold_batches(order, training.rows.in_memory());
}

}  // namespace

MiniBatchObjective::MiniBatchObjective(device::MiniBatchDevice& device,
                                       const comm::Communicator& communicator,
                                       RankExchange* exchange, const data::BatchOrder& order,
                                       const HeldRows& training, const HeldRows* monitored,
                                       MiniBatchObjectiveOptions options, PhaseTimes& times)
    : device_(device),
      communicator_(communicator),
      order_(order),
      training_(training),
      monitored_(monitored),
      options_(std::move(options)),
      times_(times),
      theta_(device.space().zero()) {
  const bool held =
      communicator.all_agree([&] { return hold(device, order, training, monitored); });
  if (!held) source_.emplace(order_, training.rows, training.partition, exchange);
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
  std::array<std::int64_t, 1> wishes{options_.stop_requested() ? 1 : 0};
  times_.measure(Phase::wait, [&] { communicator_.sum(wishes); });
  return wishes[0] > 0;
}

double MiniBatchObjective::evaluate() {
  if (source_) source_->receive_pending();
  if (!source_) times_.measure(Phase::steps, [&] { device_.synchronize(); });
  const std::span<const double> theta = times_.measure(Phase::update, [&] {
    device_.download(*theta_);
    const std::span<const double> found = device_.read(*theta_);
    require_equal_parameters(communicator_, found);
    return found;
  });
  const auto [mine, other] = times_.measure(Phase::monitor, [&] {
    const device::LossAndHits of_training = measure_own(device_, communicator_, training_);
    return std::pair(of_training, monitored_ != nullptr
                                      ? measure_own(device_, communicator_, *monitored_)
                                      : device::LossAndHits{});
  });
  ExactSums sums({mine.loss, other.loss},
                 {mine.hits, other.hits, options_.stop_requested() ? 1 : 0});
  times_.measure(Phase::reduce, [&] { sums.sum_over(communicator_); });
  stop_requested_ = sums.count(2) > 0;
  const double squared_weights = device_.squared_weights(theta);
  const auto measurement = [&](std::size_t set, std::uint64_t rows) {
    return Measurement{penalised_cost(sums.value(set), options_.l2, squared_weights, rows),
                       static_cast<double>(sums.count(set)) / static_cast<double>(rows)};
  };
  training_measured_ = measurement(0, training_.partition.rows());
  if (monitored_ != nullptr) monitored_measured_ = measurement(1, monitored_->partition.rows());
  return training_measured_.cost;
}

double MiniBatchObjective::largest_gradient() {
  std::array<double, 1> largest{device_.largest_gradient()};
  // A maximum of MPI may lose what is not a number.
  if (std::isnan(largest[0])) largest[0] = std::numeric_limits<double>::infinity();
  communicator_.max(largest);
  return largest[0];
}

/// All of the state is the device's, which does not enumerate it.
void MiniBatchObjective::visit_state(StateVisitor&) {}

Measurement measure(device::MiniBatchDevice& device, const comm::Communicator& communicator,
                    const HeldRows& set, std::span<const double> theta, double l2) {
  const device::LossAndHits mine = measure_own(device, communicator, set);
  ExactSums sums({mine.loss}, {mine.hits});
  sums.sum_over(communicator);
  const std::uint64_t rows = set.partition.rows();
  return {penalised_cost(sums.value(0), l2, device.squared_weights(theta), rows),
          static_cast<double>(sums.count(0)) / static_cast<double>(rows)};
}

}  // namespace annmpi::objective
