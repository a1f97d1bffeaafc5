#pragma once

#include <optional>

#include "annmpi/base/vector_space.hpp"
#include "annmpi/objective/loaded_set.hpp"

namespace annmpi::objective {

/// Where training stands, for whoever watches it: known after each evaluation and each committed
/// step, equal on all ranks.
class TrainingState {
 public:
  TrainingState() = default;
  TrainingState(const TrainingState&) = delete;
  TrainingState& operator=(const TrainingState&) = delete;
  virtual ~TrainingState() = default;

  /// The space of theta.
  [[nodiscard]] virtual const VectorSpace& space() const = 0;
  [[nodiscard]] virtual const Vector& theta() const = 0;

  /// At the present theta.
  [[nodiscard]] virtual const Measurement& training() const = 0;
  [[nodiscard]] virtual const std::optional<Measurement>& monitored() const = 0;

  /// Whether any rank has asked to stop.
  [[nodiscard]] virtual bool stop_requested() const = 0;
};

}  // namespace annmpi::objective
