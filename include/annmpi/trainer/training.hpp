#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/objective/phase_work.hpp"
#include "annmpi/objective/training_state.hpp"
#include "annmpi/optimizer/method.hpp"
#include "annmpi/trainer/execution_plan.hpp"
#include "annmpi/trainer/problem.hpp"

namespace annmpi::trainer {

/// A training: device, data, objective and method. Call load(), prepare(), method(), ... in the
/// order of declaration. All member functions except the getters are collective.
class Training {
 public:
  Training() = default;
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;
  virtual ~Training() = default;

  /// Description for messages: "CPU, 2 threads a rank".
  [[nodiscard]] virtual std::string device() const = 0;

  /// Reads this rank's rows of all sets.
  /// @throws comm::AgreedError on all ranks if the rows of one are invalid or exceed its memory.
  virtual void load() = 0;
  /// Hash of the training set; independent of the number of ranks.
  [[nodiscard]] virtual std::uint64_t data_hash() const = 0;

  /// Creates objective and method. `theta` holds the initial parameters, equal on all ranks.
  virtual void prepare(std::span<const double> theta) = 0;
  [[nodiscard]] virtual Method& method() = 0;
  [[nodiscard]] virtual const objective::TrainingState& state() const = 0;
  /// Limit on the updates of theta.
  [[nodiscard]] virtual std::int64_t max_iterations() const = 0;

  /// Separates the remaining time of the phase `wait` from `reduce`.
  virtual void complete_times() {}
  /// Measures theta on the test set; empty without one that is not monitored.
  [[nodiscard]] virtual std::optional<objective::Measurement> test(const Vector& theta) = 0;
  [[nodiscard]] virtual std::vector<double> parameters(const Vector& theta) const = 0;
  /// The work of one call of each phase on this rank.
  [[nodiscard]] virtual objective::PhaseWork work() const = 0;
};

/// Creates the training of `problem` that the configuration selects. The references must outlive
/// it. Collective.
/// @param times receives the time spent in each phase
/// @throws comm::AgreedError on all ranks if a device cannot be created.
[[nodiscard]] std::unique_ptr<Training> make_training(const config::Configuration& configuration,
                                                      const Problem& problem,
                                                      const ExecutionPlan& plan,
                                                      const comm::Communicator& communicator,
                                                      PhaseTimes& times);

}  // namespace annmpi::trainer
