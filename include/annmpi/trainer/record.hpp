#pragma once

#include <cstdint>
#include <optional>

#include "annmpi/base/state.hpp"
#include "annmpi/objective/loaded_set.hpp"

namespace annmpi::trainer {

/// One row of a run's history: the state after an iteration. Row 0 is the start.
struct Record {
  std::int64_t iteration = 0;
  std::int64_t evaluations = 0;  ///< 1 for the start and 1 per trial
  double seconds = 0;            ///< wall time since row 0
  objective::Measurement training;
  std::optional<objective::Measurement> monitored;
  double gradient_norm = 0;       ///< infinity norm
  double step = 0;                ///< step length of this iteration
  std::optional<double> epoch{};  ///< completed epochs, for stochastic methods

  /// The cost that model selection and patience use: the monitored cost, else the training cost.
  [[nodiscard]] double judged_cost() const { return monitored ? monitored->cost : training.cost; }

  void visit_state(StateVisitor& visitor);
};

/// Receives every record on rank 0, in order. If observe() throws Error, the run ends on all ranks.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;
  virtual void observe(const Record& record) = 0;
  /// Called once, after the last record.
  virtual void finish() {}
};

}  // namespace annmpi::trainer
