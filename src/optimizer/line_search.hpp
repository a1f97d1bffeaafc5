#pragma once

#include "annmpi/base/objective.hpp"

#include "optimizer/bracket_and_zoom.hpp"
#include "optimizer/line_trial.hpp"
#include "optimizer/more_thuente.hpp"

namespace annmpi {

struct LineSearchOptions {
  WolfeConditions wolfe;
  /// Limit of the first search; the second one has limits of its own (BracketAndZoom).
  int max_trials = 100;
};

/// SciPy's first trial step: min(1, 1.01 * 2 (cost - previous_cost) / slope), and 1 if that is
/// negative or NaN (after Nocedal and Wright, equation 3.60). It is 0 if the cost did not change at
/// all; the search then fails at once, as SciPy's does.
[[nodiscard]] double first_step_guess(double cost, double previous_cost, double slope);

/// MoreThuente and, if that fails or its candidate is rejected, BracketAndZoom from the same first
/// step. A state machine on plain data: no callbacks, no communication.
///
/// If cost or slope of a trial is not finite, the distance to the best step so far (0 at first) is
/// halved until they are; the active search advances with that trial. A request for the step of the
/// last trial is answered from memory.
class LineSearch {
 public:
  /// Limit of halvings per line search; beyond it the search fails.
  static constexpr int max_halvings = 30;

  /// `cost` and `slope` are those at step 0.
  LineSearch(const LineSearchOptions& options, double cost, double slope, double first_step);

  /// The first trial step, or `failed` (slope not negative, or a first step of 0).
  LineAnswer first();

  /// Advances with cost and slope at the requested step. A failure carries the step of best().
  LineAnswer advance(const Probe& probe);

  /// Continues after the caller has rejected a candidate.
  LineAnswer reject();

  /// The latest finite trial, to which a candidate refers; the start before the first one.
  [[nodiscard]] const LineTrial& last() const { return last_; }

  /// The finite trial of least cost; the start, at step 0, if none is below it.
  [[nodiscard]] const LineTrial& best() const { return best_; }

 private:
  LineAnswer follow(LineAnswer answer);
  LineAnswer try_step(double step);
  [[nodiscard]] LineAnswer failed() const;

  int max_trials_;
  MoreThuente more_thuente_;
  BracketAndZoom bracket_and_zoom_;
  LineTrial best_;
  LineTrial last_;  // finite
  double requested_step_ = 0.0;
  int trials_ = 0;
  int halvings_ = 0;
  bool first_search_ = true;
};

}  // namespace annmpi
