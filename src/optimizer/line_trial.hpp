#pragma once

#include <cmath>

namespace annmpi {

/// phi(step) = J(theta + step p) and its derivative, at one step along the direction p.
struct LineTrial {
  double step;
  double cost;
  double slope;
};

/// What a line search requests or reports after a trial.
struct LineAnswer {
  enum class Kind {
    try_step,   ///< compute cost and slope at `step` and advance with them
    candidate,  ///< the trial at `step` satisfies the Wolfe conditions
    failed,     ///< the search has no further trial
  };

  Kind kind;
  double step;
};

/// The strong Wolfe conditions, 0 < c1 < c2 < 1 (Nocedal and Wright, Numerical Optimization,
/// 2nd edition, equations 3.7):
///
///     phi(s) <= phi(0) + c1 s phi'(0)      |phi'(s)| <= c2 |phi'(0)|
struct WolfeConditions {
  double c1 = 1e-4;
  double c2 = 0.4;

  /// The first condition, sufficient decrease. `start` is at step 0.
  [[nodiscard]] bool decreases_enough(const LineTrial& trial, const LineTrial& start) const {
    return trial.cost <= start.cost + trial.step * (c1 * start.slope);
  }

  /// The second condition, on the curvature. `start.slope` is negative.
  [[nodiscard]] bool is_flat_enough(const LineTrial& trial, const LineTrial& start) const {
    return std::abs(trial.slope) <= -c2 * start.slope;
  }
};

}  // namespace annmpi
