#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "annmpi/base/objective.hpp"
#include "annmpi/base/phase_times.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/objective/exact_sums.hpp"
#include "annmpi/objective/loaded_set.hpp"
#include "annmpi/objective/mixed_ranks.hpp"
#include "annmpi/objective/timed_sums.hpp"
#include "annmpi/objective/training_state.hpp"

namespace annmpi::objective {

struct FullBatchObjectiveOptions {
  double l2 = 0;                       ///< weight of the penalty
  std::int64_t refresh_interval = 16;  ///< commits between two computations of Z from features
  /// Trials compute cost and slope by a forward pass with tangent. If false, they compute the full
  /// gradient, which is reused when the trial is accepted (network::tangent_trials_pay).
  bool tangent_trials = true;
  /// Whether some ranks use GPUs and others CPUs. Devices then sum only their own rows, and
  /// MixedRanks combines the results.
  bool mixed_ranks = false;
  /// Whether this rank requests a stop; called once per evaluate() and commit().
  std::function<bool()> stop_requested = [] { return false; };
};

/// The cost of a network on a data set distributed over the ranks (docs/architecture.md):
///
///   J(theta) = (1/m) sum_i loss_i + (l2 / 2m) sum_l ||W_l||^2
///
/// Holds theta and the pre-activations Z, which it updates along the line, and measures a monitored
/// set at the committed points. All member functions except the getters are collective.
///
/// Whenever Z is computed from the features (in evaluate() and at each refresh), theta is compared
/// with rank 0's; a rank whose theta differs throws std::runtime_error (require_equal_parameters).
class FullBatchObjective final : public Objective, public TrainingState {
 public:
  /// `device` and `communicator` must outlive the objective; `theta` must be equal on all ranks.
  FullBatchObjective(device::FullBatchDevice& device, const comm::Communicator& communicator,
                     LoadedSet training, std::optional<LoadedSet> monitored,
                     std::span<const double> theta, FullBatchObjectiveOptions options,
                     PhaseTimes& times);

  [[nodiscard]] const VectorSpace& space() const override { return device_.space(); }
  double evaluate(Vector& gradient) override;
  void aim(const Vector& direction) override;
  Probe probe(double step) override;
  void gradient_at(double step, Vector& gradient) override;
  void commit(double step) override;
  /// Restoring computes Z from the features. It continues with the same bits only if the state was
  /// saved right after evaluate() or at a refresh.
  void visit_state(StateVisitor& visitor) override;

  /// Separates the remaining time of the phase `wait` from `reduce`.
  void complete_times() { timed_sums_.separate_waiting(); }

  [[nodiscard]] const Measurement& training() const override { return state_.training; }
  [[nodiscard]] const std::optional<Measurement>& monitored() const override {
    return state_.monitored;
  }
  /// As of the last evaluate() or commit().
  [[nodiscard]] bool stop_requested() const override { return state_.stop_requested; }
  [[nodiscard]] const Vector& theta() const override { return *theta_; }

 private:
  [[nodiscard]] device::Point point(double step) const;
  [[nodiscard]] const device::PenaltyDots& line_dots();
  [[nodiscard]] device::PenaltyDots penalty_dots();
  /// ||W + step V||^2 from line_dots().
  [[nodiscard]] double squared_weights(double step);
  [[nodiscard]] double cost(double loss, double squared_weights, std::uint64_t rows) const;
  void sum_over_ranks(ExactSums& sums);
  [[nodiscard]] Probe probe_by_tangent(double step);
  [[nodiscard]] Probe probe_by_gradient(double step);
  void compute_gradient(Phase phase, double step, Vector& gradient);
  template <class Pass>
  auto through(const LoadedSet& set, Pass&& pass);
  void measure_monitored(double step);
  void project_training();
  void project_monitored();
  /// Whether the next commit computes Z from the features.
  [[nodiscard]] bool will_refresh() const {
    return commits_since_refresh_ + 1 >= options_.refresh_interval;
  }
  [[nodiscard]] std::span<device::DeviceRows* const> carried_shards();
  void require_equal_theta();
  void finish_measurement(double squared_weights);

  device::FullBatchDevice& device_;
  const comm::Communicator& communicator_;
  LoadedSet training_;
  std::optional<LoadedSet> monitored_;
  FullBatchObjectiveOptions options_;
  PhaseTimes& times_;
  TimedSums timed_sums_;

  std::optional<MixedRanks> mixed_ranks_;
  std::unique_ptr<Vector> theta_;
  std::vector<double> theta_on_host_;  ///< for the comparison with rank 0
  const Vector* direction_ = nullptr;
  std::array<device::DeviceRows*, 2> shards_{};
  std::optional<device::PenaltyDots> penalty_;  ///< of the current line, once fetched
  std::optional<double> measured_step_;  ///< step of the last training measurement on this line
  std::optional<double> monitored_step_;
  std::unique_ptr<Vector> trial_gradient_;  ///< at trial_step_; null with tangent trials
  std::optional<double> trial_step_;        ///< on the current line
  std::int64_t commits_since_refresh_ = 0;
  PointState state_;
};

}  // namespace annmpi::objective
