#pragma once

#include "annmpi/base/objective.hpp"
#include "annmpi/optimizer/bracket_and_zoom.hpp"
#include "annmpi/optimizer/line_trial.hpp"
#include "annmpi/optimizer/more_thuente.hpp"

namespace annmpi {

struct LineSearchOptions {
  WolfeConditions wolfe;
  /// Trials of the first search; the second one has limits of its own (BracketAndZoom).
  int max_trials = 100;
};

/// The first step to try, as SciPy guesses it: min(1, 1.01 * 2 (cost - previous_cost) / slope),
/// and 1 where that is negative or not a number (after Nocedal and Wright, equation 3.60). 0 where
/// the cost has not changed in its last bit: a search from there fails at once, as SciPy's does.
[[nodiscard]] double first_step_guess(double cost, double previous_cost, double slope);

/// MoreThuente and, if that fails or its candidate is rejected, BracketAndZoom from the same first
/// step. Plain data in, plain data out: no callbacks, no communication.
///
/// A trial whose cost or slope is not finite is halved towards the best step so far (0 at first),
/// and the first finite one is what the search in progress is told. A trial at the very step told
/// last is answered from memory and is not asked for.
class LineSearch {
 public:
  /// Halvings in one line search; after as many the search fails.
  static constexpr int max_halvings = 30;

  /// `cost` and `slope` are those at step 0.
  LineSearch(const LineSearchOptions& options, double cost, double slope, double first_step);

  /// The first step to try, or `failed` (a slope that is not negative, a first step of 0).
  LineAnswer first();

  /// Takes cost and slope at the step asked for. A failure carries the step of best().
  LineAnswer told(const Probe& probe);

  /// Goes on after a candidate that the caller does not want.
  LineAnswer rejected();

  /// The trial told last, which a candidate refers to; the start before the first one.
  [[nodiscard]] const LineTrial& last() const { return last_; }

  /// The finite trial of least cost, if that is below the start's; else the start, at step 0.
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
  double asked_ = 0.0;
  int trials_ = 0;
  int halvings_ = 0;
  bool first_search_ = true;
};

}  // namespace annmpi
