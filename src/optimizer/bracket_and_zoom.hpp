#pragma once

#include "optimizer/line_trial.hpp"

namespace annmpi {

/// The line search of Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.5
/// (steps are doubled until they bracket a minimiser) and 3.6 (zoom into the bracket), with the
/// limits and safeguards of SciPy's scalar_search_wolfe2.
///
/// A state machine like MoreThuente, with one more transition: reject() continues after a candidate
/// that the caller cannot use.
///
/// There are two differences from SciPy. The safeguards use the absolute width of the interval;
/// SciPy's signed width lets interpolated steps leave an interval whose lower cost is at its right
/// end. And the point after the last doubling is tested before it is accepted.
class BracketAndZoom {
 public:
  /// Limits of doublings after the first step, and of trials after the first one in the bracket.
  static constexpr int max_expansions = 10;
  static constexpr int max_refinements = 10;

  /// `start` is the trial at step 0.
  BracketAndZoom(const WolfeConditions& wolfe, const LineTrial& start, double first_step);

  /// The first trial step; `failed` unless the slope is negative and the step positive.
  [[nodiscard]] LineAnswer first() const;

  /// Advances with the trial at the requested step, or at a shorter one if the cost there was not
  /// finite. `candidate` refers to this trial. Cost and slope must be finite.
  LineAnswer advance(const LineTrial& trial);

  /// Continues after the caller has rejected a candidate.
  LineAnswer reject();

 private:
  LineAnswer proceed();
  LineAnswer zoom_into(const LineTrial& low, const LineTrial& high);
  LineAnswer refine();
  void replace_high(const LineTrial& trial);
  void replace_low(const LineTrial& trial);
  [[nodiscard]] double interpolated_step() const;

  WolfeConditions wolfe_;
  LineTrial start_;
  LineTrial trial_;      // the latest one
  LineTrial previous_;   // during the doublings: the one before
  LineTrial low_{};      // end of the bracket with the lower cost; has sufficient decrease
  LineTrial high_{};     // its other end, on either side
  LineTrial dropped_{};  // the end that was replaced last
  double first_step_;
  int expansions_ = 0;
  int refinements_ = 0;
  bool zooming_ = false;
};

}  // namespace annmpi
