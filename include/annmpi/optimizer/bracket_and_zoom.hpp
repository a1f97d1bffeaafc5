#pragma once

#include "annmpi/optimizer/line_trial.hpp"

namespace annmpi {

/// The line search of Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.5
/// (steps are doubled until they bracket a minimiser) and 3.6 (zoom into the bracket), with the
/// limits and safeguards of SciPy's scalar_search_wolfe2.
///
/// A state machine like MoreThuente, with one more transition: the caller may reject a candidate
/// for reasons of its own, and the search goes on from there.
///
/// Two things differ from SciPy. Safeguards are measured in the width of the interval, not in its
/// signed width, which lets interpolated steps leave an interval whose lower cost is at its right
/// end. And the point after the last doubling is tested, not accepted unseen.
class BracketAndZoom {
 public:
  /// Doublings after the first step, and trials in the bracket after the first one there.
  static constexpr int max_expansions = 10;
  static constexpr int max_refinements = 10;

  /// `start` is the trial at step 0.
  BracketAndZoom(const WolfeConditions& wolfe, const LineTrial& start, double first_step);

  /// The first step to try; `failed` unless the start slopes downwards and the step is positive.
  [[nodiscard]] LineAnswer first() const;

  /// Takes the trial at the step asked for, or at a shorter one where that had no finite cost.
  /// `candidate` refers to this trial. Cost and slope must be finite.
  LineAnswer told(const LineTrial& trial);

  /// Goes on after a candidate that the caller does not want.
  LineAnswer rejected();

 private:
  LineAnswer go_on();
  LineAnswer zoom_into(const LineTrial& low, const LineTrial& high);
  LineAnswer refine();
  void replace_high(const LineTrial& trial);
  void replace_low(const LineTrial& trial);
  [[nodiscard]] double interpolated_step() const;

  WolfeConditions wolfe_;
  LineTrial start_;
  LineTrial trial_;      // the one told last
  LineTrial previous_;   // while steps are doubled: the one before
  LineTrial low_{};      // the end of the bracket with the lower cost, which has decreased enough
  LineTrial high_{};     // its other end, to the right or to the left
  LineTrial dropped_{};  // the end that left the bracket last
  double first_step_;
  int expansions_ = 0;
  int refinements_ = 0;
  bool zooming_ = false;
};

}  // namespace annmpi
