#include "annmpi/trainer/train.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "trainer/patience.hpp"
#include "trainer/selection.hpp"

namespace annmpi::trainer {
namespace {

using Clock = std::chrono::steady_clock;

/// Passes records to the observers on rank 0 and keeps their first error.
class ObserverGroup {
 public:
  explicit ObserverGroup(std::span<Observer* const> observers) : observers_(observers) {}

  /// Passes on each record once; returns false after an observer has failed.
  bool show(const Record& record) {
    // A line search that fails without a step repeats the previous record.
    if (std::exchange(newest_, record.iteration) == record.iteration) return !error_;
    try {
      for (Observer* observer : observers_) observer->observe(record);
    } catch (const Error& error) {
      error_ = error.what();
    }
    return !error_;
  }

  void finish() const {
    for (Observer* observer : observers_) observer->finish();
  }

  void rethrow() const { require(!error_, "{}", error_.value_or("")); }

 private:
  std::span<Observer* const> observers_;
  std::int64_t newest_ = -1;
  std::optional<std::string> error_;
};

Record record_of(const Iteration& iteration, const objective::TrainingState& state,
                 double seconds) {
  return {iteration.iteration, iteration.evaluations,   seconds,        state.training(),
          state.monitored(),   iteration.gradient_norm, iteration.step, iteration.epoch};
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::converged:
      return "converged";
    case Status::iteration_limit:
      return "iteration_limit";
    case Status::line_search_failed:
      return "line_search_failed";
    case Status::patience:
      return "patience";
    case Status::diverged:
      return "diverged";
    case Status::stopped:
      break;
  }
  return "stopped";
}

int exit_status_of(Status status) {
  switch (status) {
    case Status::converged:
    case Status::iteration_limit:
    case Status::patience:
      return exit_status::success;
    case Status::line_search_failed:
    case Status::diverged:
      return exit_status::line_search_failed;
    case Status::stopped:
      break;
  }
  return exit_status::stopped;
}

TrainingResult train(Method& method, const objective::TrainingState& state,
                     const comm::Communicator& communicator, const TrainingOptions& options,
                     std::span<Observer* const> observers, PhaseTimes& times) {
  const Decide decide = communicator.decide(times);
  SelectionKeeper keeper(state.space(), options.selection);
  Patience watch(options.patience);
  ObserverGroup group(observers);
  TrainingResult result;
  TrainingHistory& history = result.history;

  Iteration iteration = communicator.all_agree([&] { return method.start(); });
  const auto start = Clock::now();
  history.initial = history.last = record_of(iteration, state, 0);

  // The next action. Rank 0 decides, after its observers have seen the record.
  enum class Next { iterate, converged, limit, failed, diverged, patience, stop, trouble };
  const auto decide_next = [&] {
    if (!times.measure(Phase::output, [&] { return group.show(history.last); }))
      return Next::trouble;
    if (iteration.outcome == Iteration::Outcome::converged) return Next::converged;
    if (iteration.outcome == Iteration::Outcome::line_search_failed) return Next::failed;
    if (iteration.outcome == Iteration::Outcome::diverged) return Next::diverged;
    if (iteration.iteration >= options.max_iterations) return Next::limit;
    if (watch.is_exhausted()) return Next::patience;
    return state.stop_requested() ? Next::stop : Next::iterate;
  };

  keeper.consider(history.last, state.theta());
  watch.consider(history.last.judged_cost());
  Next next = decide(decide_next);
  bool is_first = true;
  while (next == Next::iterate) {
    iteration = times.measure(Phase::update, [&] { return method.iterate(); });
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    history.last = record_of(iteration, state, elapsed.count());
    times.measure(Phase::update, [&] { keeper.consider(history.last, state.theta()); });
    watch.consider(history.last.judged_cost());
    if (std::exchange(is_first, false)) options.after_first_iteration();
    next = decide(decide_next);
  }
  if (communicator.is_root()) group.finish();
  communicator.on_root([&] { group.rethrow(); });

  history.status = next == Next::converged  ? Status::converged
                   : next == Next::failed   ? Status::line_search_failed
                   : next == Next::diverged ? Status::diverged
                   : next == Next::patience ? Status::patience
                   : next == Next::stop     ? Status::stopped
                                            : Status::iteration_limit;
  keeper.finish(state.theta(), result);
  return result;
}

}  // namespace annmpi::trainer
