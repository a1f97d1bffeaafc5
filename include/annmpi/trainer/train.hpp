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

/// As written to summary.json: "converged", "iteration_limit", ...
[[nodiscard]] std::string_view name_of(Status status);
[[nodiscard]] int exit_status_of(Status status);

struct TrainingOptions {
  std::int64_t max_iterations = 600;
  /// Training ends after this many consecutive records without a lower judged cost; 0: never.
  std::int64_t patience = 0;
  config::Selection selection = config::Selection::best;
  /// Called once on every rank, after the first iteration.
  std::function<void()> after_first_iteration = [] {};
};

/// Key records of a training.
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

/// The training loop: iterates `method` until it finishes, a limit is reached or a stop is
/// requested. Passes every record to the observers on rank 0 and keeps the parameters that
/// `selection` chooses. Collective.
/// @throws comm::AgreedError on all ranks if an observer fails (e.g. disk full).
[[nodiscard]] TrainingResult train(Method& method, const objective::TrainingState& state,
                                   const comm::Communicator& communicator,
                                   const TrainingOptions& options,
                                   std::span<Observer* const> observers, PhaseTimes& times);

}  // namespace annmpi::trainer
