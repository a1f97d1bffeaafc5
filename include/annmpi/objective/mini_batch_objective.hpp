#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/base/rank_exchange.hpp"
#include "annmpi/base/stochastic_objective.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/batch_source.hpp"
#include "annmpi/device/mini_batch_device.hpp"
#include "annmpi/objective/loaded_set.hpp"
#include "annmpi/objective/training_state.hpp"

namespace annmpi::objective {

struct MiniBatchObjectiveOptions {
  double l2 = 0;  ///< weight of the penalty
  /// Whether this rank requests a stop.
  std::function<bool()> stop_requested = [] { return false; };
};

/// The same cost J as FullBatchObjective's, for mini-batch methods: each step uses an estimate of
/// its gradient.
///
/// evaluate() compares theta with rank 0's; a rank whose theta differs throws std::runtime_error
/// (require_equal_parameters).
class MiniBatchObjective final : public StochasticObjective, public TrainingState {
 public:
  /// The device holds the parameters. The references and pointers must outlive the objective.
  /// `exchange` is null in a job of one rank.
  MiniBatchObjective(device::MiniBatchDevice& device, const comm::Communicator& communicator,
                     RankExchange* exchange, const data::BatchOrder& order,
                     const LoadedSet& training, const LoadedSet* monitored,
                     MiniBatchObjectiveOptions options, PhaseTimes& times);

  [[nodiscard]] std::int64_t steps_per_epoch() const override {
    return static_cast<std::int64_t>(order_.steps());
  }
  void step(std::int64_t epoch, std::int64_t step, const ParameterUpdate& update) override;
  [[nodiscard]] bool should_stop() override;
  double evaluate() override;
  [[nodiscard]] double largest_gradient() override;
  /// Excludes the batch order, which follows from epoch and step.
  void visit_state(StateVisitor& visitor) override;

  [[nodiscard]] const VectorSpace& space() const override { return device_.space(); }
  [[nodiscard]] const Vector& theta() const override { return *theta_; }
  [[nodiscard]] const Measurement& training() const override { return state_.training; }
  [[nodiscard]] const std::optional<Measurement>& monitored() const override {
    return state_.monitored;
  }
  [[nodiscard]] bool stop_requested() const override { return state_.stop_requested; }

 private:
  void fetch_theta();
  [[nodiscard]] device::LossAndHits measure_own(const LoadedSet& set);

  device::MiniBatchDevice& device_;
  const comm::Communicator& communicator_;
  data::BatchOrder order_;
  const LoadedSet& training_;
  const LoadedSet* monitored_;
  MiniBatchObjectiveOptions options_;
  PhaseTimes& times_;
  std::optional<data::BatchSource> source_;  ///< empty if the device draws the batches
  std::unique_ptr<Vector> theta_;
  std::vector<double> theta_on_host_;  ///< for the comparison with rank 0
  PointState state_;
};

}  // namespace annmpi::objective
