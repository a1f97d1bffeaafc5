#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/objective/training_state.hpp"
#include "annmpi/optimizer/method.hpp"
#include "annmpi/trainer/record.hpp"

namespace annmpi::trainer {

/// Why training ended.
enum class Status { converged, iteration_limit, line_search_failed, stopped, patience, diverged };

/// The name in summary.json: "converged", "iteration_limit", ...
[[nodiscard]] std::string_view name_of(Status status);
[[nodiscard]] int exit_status_of(Status status);

struct TrainingOptions {
  std::int64_t max_iterations = 600;
  /// Consecutive records without a lower judged cost that end training; 0: never.
  std::int64_t patience = 0;
  config::Selection selection = config::Selection::best;
  /// Called once on every rank, after the first iteration.
  std::function<void()> after_first_iteration = [] {};
};

/// The history of a training in figures.
struct TrainingHistory {
  Status status = Status::iteration_limit;
  Record initial;
  Record last;
  Record selected;
};

struct TrainingResult {
  TrainingHistory history;
  std::unique_ptr<Vector> selected_theta;
};

/// The training loop: iterates `method` until it is done, the limit is reached or a stop is
/// requested, passes every record to the observers on rank 0, and keeps the parameters that
/// `selection` chooses. Collective.
/// @throws comm::AgreedError on all ranks if an observer fails (a full disk).
[[nodiscard]] TrainingResult train(Method& method, const objective::TrainingState& state,
                                   const comm::Communicator& communicator,
                                   const TrainingOptions& options,
                                   std::span<Observer* const> observers, PhaseTimes& times);

}  // namespace annmpi::trainer
