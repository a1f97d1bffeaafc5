#pragma once

#include "optimizer/line_trial.hpp"

namespace annmpi {

/// The line search of J. J. More and D. J. Thuente, "Line search algorithms with guaranteed
/// sufficient decrease", ACM Transactions on Mathematical Software 20 (1994) 286-307, with the
/// constants and tests of MINPACK-2 (dcsrch), which SciPy uses too.
///
/// A state machine without callbacks: first() returns the first trial step, advance() takes each
/// trial and returns the next request. The search maintains an interval between the best step and
/// another one. In stage 1, until a step with sufficient decrease and a slope that is not negative
/// is found, the interval is to contain a minimiser of psi(s) = phi(s) - phi(0) - c1 s phi'(0); in
/// stage 2 a minimiser of phi.
class MoreThuente {
 public:
  static constexpr double shortest_step = 1e-100;
  static constexpr double longest_step = 1e100;
  /// An interval narrower than this, relative to its larger end, ends the search.
  static constexpr double interval_tolerance = 1e-14;

  /// `start` is the trial at step 0.
  MoreThuente(const WolfeConditions& wolfe, const LineTrial& start, double first_step);

  /// The first trial step; `failed` unless the slope is negative and the step lies between
  /// shortest_step and longest_step.
  [[nodiscard]] LineAnswer first() const;

  /// Advances with the trial at the requested step, or at a shorter one if the cost there was not
  /// finite. `candidate` refers to this trial. Cost and slope must be finite.
  LineAnswer advance(const LineTrial& trial);

 private:
  [[nodiscard]] bool is_exhausted(double step) const;
  [[nodiscard]] bool is_stuck_at_a_limit(const LineTrial& trial, bool decreased) const;
  double narrow(const LineTrial& trial, double tilt);
  double next_step(double proposed);

  WolfeConditions wolfe_;
  LineTrial start_;
  LineTrial best_;   // the end of the interval with the least value so far
  LineTrial other_;  // the other end
  double first_step_;
  // Ends of the bracket; without a bracket, limits of extrapolation.
  double lower_ = 0.0;
  double upper_;
  double width_ = longest_step - shortest_step;
  double width_before_ = 2.0 * width_;
  bool bracketed_ = false;  // the interval contains a minimiser
  bool first_stage_ = true;
};

}  // namespace annmpi
