#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/base/rank_exchange.hpp"
#include "annmpi/base/stochastic_objective.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/batch_source.hpp"
#include "annmpi/device/mini_batch_device.hpp"
#include "annmpi/objective/held_rows.hpp"
#include "annmpi/objective/training_state.hpp"

namespace annmpi::objective {

struct MiniBatchObjectiveOptions {
  double l2 = 0;  ///< weight of the penalty
  /// Whether this rank wants the run to stop.
  std::function<bool()> stop_requested = [] { return false; };
};

/// The cost of a network on a data set that is spread over the ranks, for methods that move by
/// mini-batches: FullBatchObjective's J, of whose gradient a step sees an estimate.
///
/// Where it is evaluated, theta is compared with rank 0's: a rank whose theta differs throws
/// std::runtime_error (require_equal_parameters).
class MiniBatchObjective final : public StochasticObjective, public TrainingState {
 public:
  /// The device holds the parameters; it, the communicator, the sets and the times must outlive the
  /// objective. `exchange` is null for a rank alone.
  MiniBatchObjective(device::MiniBatchDevice& device, const comm::Communicator& communicator,
                     RankExchange* exchange, const data::BatchOrder& order,
                     const HeldRows& training, const HeldRows* monitored,
                     MiniBatchObjectiveOptions options, PhaseTimes& times);

  [[nodiscard]] std::int64_t steps_per_epoch() const override {
    return static_cast<std::int64_t>(order_.steps());
  }
  void step(std::int64_t epoch, std::int64_t step, const ParameterUpdate& update) override;
  [[nodiscard]] bool should_stop() override;
  double evaluate() override;
  [[nodiscard]] double largest_gradient() override;
  /// The order of the batches is no state: the next step names its place in it.
  void visit_state(StateVisitor& visitor) override;

  [[nodiscard]] const VectorSpace& space() const override { return device_.space(); }
  [[nodiscard]] const Vector& theta() const override { return *theta_; }
  [[nodiscard]] const Measurement& training() const override { return training_measured_; }
  [[nodiscard]] const std::optional<Measurement>& monitored() const override {
    return monitored_measured_;
  }
  [[nodiscard]] bool stop_requested() const override { return stop_requested_; }

 private:
  device::MiniBatchDevice& device_;
  const comm::Communicator& communicator_;
  data::BatchOrder order_;
  const HeldRows& training_;
  const HeldRows* monitored_;
  MiniBatchObjectiveOptions options_;
  PhaseTimes& times_;
  std::optional<data::BatchSource> source_;  ///< none where the device holds the batches
  std::unique_ptr<Vector> theta_;
  bool stop_requested_ = false;
  Measurement training_measured_;
  std::optional<Measurement> monitored_measured_;
};

/// Cost and accuracy on a set, at the parameters that the device holds and that are `theta`.
/// Collective.
[[nodiscard]] Measurement measure(device::MiniBatchDevice& device,
                                  const comm::Communicator& communicator, const HeldRows& set,
                                  std::span<const double> theta, double l2);

}  // namespace annmpi::objective
