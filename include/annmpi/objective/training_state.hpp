#pragma once

#include <optional>
#include <string_view>

#include "annmpi/base/state.hpp"
#include "annmpi/base/vector_space.hpp"
#include "annmpi/objective/loaded_set.hpp"

namespace annmpi::objective {

/// The parameters and measurements of a training, read-only. Updated by each evaluation and each
/// committed step; equal on all ranks.
class TrainingState {
 public:
  TrainingState() = default;
  TrainingState(const TrainingState&) = delete;
  TrainingState& operator=(const TrainingState&) = delete;
  virtual ~TrainingState() = default;

  [[nodiscard]] virtual const VectorSpace& space() const = 0;
  [[nodiscard]] virtual const Vector& theta() const = 0;

  /// At the current theta.
  [[nodiscard]] virtual const Measurement& training() const = 0;
  [[nodiscard]] virtual const std::optional<Measurement>& monitored() const = 0;

  /// Whether any rank has requested a stop.
  [[nodiscard]] virtual bool stop_requested() const = 0;
};

inline void visit_state(StateVisitor& visitor, std::string_view name, Measurement& measurement) {
  const StateGroup group(visitor, name);
  visitor.scalar("cost", measurement.cost);
  visitor.scalar("accuracy", measurement.accuracy);
}

/// Visits the measurements of a training set and, if there is one, of a monitored set.
inline void visit_state(StateVisitor& visitor, Measurement& training,
                        std::optional<Measurement>& monitored, bool has_monitored) {
  visit_state(visitor, "training", training);
  if (!has_monitored) return;
  if (!monitored) monitored.emplace();
  visit_state(visitor, "monitored", *monitored);
}

}  // namespace annmpi::objective
