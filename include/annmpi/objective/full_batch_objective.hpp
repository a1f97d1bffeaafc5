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
  std::int64_t refresh_interval = 16;  ///< commits after which Z is recomputed from the features
  /// Trials by forward pass and tangent, or by a full gradient at the trial step, which an accepted
  /// trial then need not compute again (network::tangent_trials_pay).
  bool tangent_trials = true;
  /// Whether the ranks' devices are of different kinds, which add up over nobody but themselves.
  bool mixed_ranks = false;
  /// Whether this rank wants the run to stop; asked once per evaluate() and commit().
  std::function<bool()> stop_requested = [] { return false; };
};

/// The cost of a network on a data set that is spread over the ranks (architecture, section 3):
///
///   J(theta) = (1/m) sum_i loss_i + (l2 / 2m) sum_l ||W_l||^2
///
/// Holds theta, the pre-activations carried along the line, and follows a monitored set at the
/// committed points. Every member function but the plain getters is collective.
///
/// Where Z is computed from the features, in evaluate() and at each refresh, theta is compared with
/// rank 0's: a rank whose theta differs throws std::runtime_error (require_equal_parameters).
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
  /// A restored objective computes Z from the features: the same bits as those of an objective that
  /// was read right after evaluate() or at a refresh.
  void visit_state(StateVisitor& visitor) override;

  /// Completes the times of the phases `reduce` and `wait`.
  void complete_times() { timed_sums_.separate_waiting(); }

  [[nodiscard]] const Measurement& training() const override { return state_.training; }
  [[nodiscard]] const std::optional<Measurement>& monitored() const override {
    return state_.monitored;
  }
  /// By the last evaluate() or commit().
  [[nodiscard]] bool stop_requested() const override { return state_.stop_requested; }
  [[nodiscard]] const Vector& theta() const override { return *theta_; }

 private:
  [[nodiscard]] device::Point point(double step) const;
  /// ||W + step V||^2 from the three dots of the line.
  [[nodiscard]] const device::PenaltyDots& line_dots();
  [[nodiscard]] device::PenaltyDots penalty_dots();
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
  std::vector<double> theta_on_host_;  ///< to be compared with rank 0's
  const Vector* direction_ = nullptr;
  std::array<device::DeviceRows*, 2> shards_{};
  std::optional<device::PenaltyDots> penalty_;  ///< of the present line, once they were asked for
  std::optional<double> measured_step_;         ///< of the training set, on the present line
  std::optional<double> monitored_step_;
  std::unique_ptr<Vector> trial_gradient_;  ///< at trial_step_; null where trials are by tangent
  std::optional<double> trial_step_;        ///< on the present line
  std::int64_t commits_since_refresh_ = 0;
  PointState state_;
};

}  // namespace annmpi::objective
