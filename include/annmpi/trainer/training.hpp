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

/// What is minimised and how, and the device that computes it. Member functions are to be called in
/// this order, and but for the getters on all ranks.
class Training {
 public:
  Training() = default;
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;
  virtual ~Training() = default;

  /// For people: "CPU, 2 threads a rank".
  [[nodiscard]] virtual std::string device() const = 0;

  /// Reads this rank's rows of all sets.
  /// @throws comm::AgreedError on all ranks if any rank finds its rows wrong or has no room for
  /// them.
  virtual void load() = 0;
  /// Of the training set; the same for any number of ranks.
  [[nodiscard]] virtual std::uint64_t data_hash() const = 0;

  /// Takes the parameters to start from, equal on all ranks.
  virtual void prepare(std::span<const double> theta) = 0;
  [[nodiscard]] virtual Method& method() = 0;
  [[nodiscard]] virtual const objective::TrainingState& state() const = 0;
  /// When theta has moved so many times, training is over.
  [[nodiscard]] virtual std::int64_t max_iterations() const = 0;

  /// Completes the times of the phases `reduce` and `wait`.
  virtual void complete_times() {}
  /// Of the parameters theta on the test set, where there is one that is not monitored.
  [[nodiscard]] virtual std::optional<objective::Measurement> test(const Vector& theta) = 0;
  [[nodiscard]] virtual std::vector<double> parameters(const Vector& theta) const = 0;
  /// Of one call of each phase on this rank.
  [[nodiscard]] virtual objective::PhaseWork work() const = 0;
};

/// The training that a configuration asks for, of this problem and by this plan; the references
/// must outlive it. Collective.
/// @param times the phases that it books its time to
/// @throws comm::AgreedError on all ranks if any of them cannot compute it.
[[nodiscard]] std::unique_ptr<Training> make_training(const config::Configuration& configuration,
                                                      const Problem& problem,
                                                      const ExecutionPlan& plan,
                                                      const comm::Communicator& communicator,
                                                      PhaseTimes& times);

}  // namespace annmpi::trainer
