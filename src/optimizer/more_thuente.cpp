#include "optimizer/more_thuente.hpp"

#include <algorithm>
#include <cmath>

namespace annmpi {
namespace {

/// How a trial compares with the best end of the interval (the four cases of section 4).
enum class Case {
  higher,       // the cost is higher: a minimiser lies between
  sign_change,  // lower, and the slope has changed its sign: a minimiser lies between
  flatter,      // lower, the slope has kept its sign and become smaller
  steeper,      // lower, and the slope has not become smaller
};

Case compare(const LineTrial& best, const LineTrial& trial) {
  if (trial.cost > best.cost) return Case::higher;
  const bool sign_change =
      (trial.slope < 0 && best.slope > 0) || (trial.slope > 0 && best.slope < 0);
  if (sign_change) return Case::sign_change;
  return std::abs(trial.slope) < std::abs(best.slope) ? Case::flatter : Case::steeper;
}

/// The cubic through cost and slope at two trials has its minimiser at from + ratio (to - from).
/// `root` is 0 where it has none.
struct Cubic {
  double ratio;
  double root;
};

Cubic cubic_between(const LineTrial& from, const LineTrial& to) {
  const double theta = 3.0 * (from.cost - to.cost) / (to.step - from.step) + from.slope + to.slope;
  // Scaled, so that squares of steep slopes do not overflow.
  const double scale = std::max({std::abs(theta), std::abs(from.slope), std::abs(to.slope)});
  const double square =
      (theta / scale) * (theta / scale) - (from.slope / scale) * (to.slope / scale);
  double root = scale * std::sqrt(std::max(0.0, square));
  if (to.step < from.step) root = -root;
  const double ratio = ((root - from.slope) + theta) / ((root + (to.slope - from.slope)) + root);
  return {ratio, root};
}

double cubic_step(const LineTrial& from, const LineTrial& to) {
  return from.step + cubic_between(from, to).ratio * (to.step - from.step);
}

/// Where the parabola through both costs and the slope at `from` has its minimum.
double quadratic_step(const LineTrial& from, const LineTrial& to) {
  const double chord = (from.cost - to.cost) / (to.step - from.step);
  return from.step + from.slope / (chord + from.slope) / 2.0 * (to.step - from.step);
}

/// Where the parabola through both slopes has its minimum.
double secant_step(const LineTrial& from, const LineTrial& to) {
  return from.step + from.slope / (from.slope - to.slope) * (to.step - from.step);
}

/// Of two steps the one nearer to (or farther from) `origin`, in a tie the second.
double nearer(double origin, double first, double second) {
  return std::abs(first - origin) < std::abs(second - origin) ? first : second;
}

double farther(double origin, double first, double second) {
  return std::abs(first - origin) > std::abs(second - origin) ? first : second;
}

/// The ends of the interval and what the next step may be.
struct Interval {
  LineTrial best;
  LineTrial other;
  bool bracketed;
  double lower;
  double upper;
};

double step_when_higher(const Interval& interval, const LineTrial& trial) {
  const double cubic = cubic_step(interval.best, trial);
  const double quadratic = quadratic_step(interval.best, trial);
  const double origin = interval.best.step;
  // The cubic may lie too near the best end for progress; the midpoint of both steps does not.
  if (std::abs(cubic - origin) <= std::abs(quadratic - origin)) return cubic;
  return cubic + (quadratic - cubic) / 2.0;
}

double step_when_flatter(const Interval& interval, const LineTrial& trial) {
  const double limit = trial.step > interval.best.step ? interval.upper : interval.lower;
  // The cubic is used only if it has a minimum beyond the trial.
  const Cubic curve = cubic_between(trial, interval.best);
  const double cubic = curve.ratio < 0.0 && curve.root != 0.0
                           ? trial.step + curve.ratio * (interval.best.step - trial.step)
                           : limit;
  const double secant = secant_step(trial, interval.best);
  if (!interval.bracketed)
    return std::clamp(farther(trial.step, cubic, secant), interval.lower, interval.upper);
  // Keeps away from the other end, or the interval would hardly shrink.
  const double farthest = trial.step + 0.66 * (interval.other.step - trial.step);
  const double step = nearer(trial.step, cubic, secant);
  return trial.step > interval.best.step ? std::min(farthest, step) : std::max(farthest, step);
}

double step_when_steeper(const Interval& interval, const LineTrial& trial) {
  if (interval.bracketed) return cubic_step(trial, interval.other);
  return trial.step > interval.best.step ? interval.upper : interval.lower;
}

double propose_step(Case which, const Interval& interval, const LineTrial& trial) {
  switch (which) {
    case Case::higher:
      return step_when_higher(interval, trial);
    case Case::sign_change:
      return farther(trial.step, cubic_step(trial, interval.best),
                     secant_step(trial, interval.best));
    case Case::flatter:
      return step_when_flatter(interval, trial);
    case Case::steeper:
      break;
  }
  return step_when_steeper(interval, trial);
}

/// The trial as a trial of phi(s) - tilt s.
LineTrial tilted(const LineTrial& trial, double tilt) {
  return {trial.step, trial.cost - trial.step * tilt, trial.slope - tilt};
}

}  // namespace

MoreThuente::MoreThuente(const WolfeConditions& wolfe, const LineTrial& start, double first_step)
    : wolfe_(wolfe),
      start_(start),
      best_(start),
      other_(start),
      first_step_(first_step),
      upper_(5.0 * first_step) {}

LineAnswer MoreThuente::first() const {
  const bool sound =
      start_.slope < 0 && first_step_ >= shortest_step && first_step_ <= longest_step;
  return {sound ? LineAnswer::Kind::try_step : LineAnswer::Kind::failed, first_step_};
}

LineAnswer MoreThuente::advance(const LineTrial& trial) {
  const bool decreased = wolfe_.decreases_enough(trial, start_);
  if (decreased && trial.slope >= 0) first_stage_ = false;

  // MINPACK-2 tests for failures first; here convergence takes precedence.
  if (decreased && wolfe_.is_flat_enough(trial, start_))
    return {LineAnswer::Kind::candidate, trial.step};
  if (is_exhausted(trial.step) || is_stuck_at_a_limit(trial, decreased))
    return {LineAnswer::Kind::failed, best_.step};

  const bool uses_psi = first_stage_ && trial.cost <= best_.cost && !decreased;
  const double step = next_step(narrow(trial, uses_psi ? wolfe_.c1 * start_.slope : 0.0));
  return {std::isfinite(step) ? LineAnswer::Kind::try_step : LineAnswer::Kind::failed, step};
}

/// Whether rounding leaves no step between the ends of the bracket.
bool MoreThuente::is_exhausted(double step) const {
  return bracketed_ &&
         (step <= lower_ || step >= upper_ || upper_ - lower_ <= interval_tolerance * upper_);
}

bool MoreThuente::is_stuck_at_a_limit(const LineTrial& trial, bool decreased) const {
  const double slope = wolfe_.c1 * start_.slope;
  if (trial.step == longest_step && decreased && trial.slope <= slope) return true;
  return trial.step == shortest_step && (!decreased || trial.slope >= slope);
}

/// Updates the interval with the trial and proposes the next step. With a tilt, trials are compared
/// by phi(s) - tilt s.
double MoreThuente::narrow(const LineTrial& trial, double tilt) {
  const Interval interval{tilted(best_, tilt), tilted(other_, tilt), bracketed_, lower_, upper_};
  const LineTrial tilted_trial = tilted(trial, tilt);
  const Case which = compare(interval.best, tilted_trial);
  const double proposed = propose_step(which, interval, tilted_trial);
  if (which == Case::higher) {
    other_ = trial;
  } else {
    if (which == Case::sign_change) other_ = best_;
    best_ = trial;
  }
  bracketed_ = bracketed_ || which == Case::higher || which == Case::sign_change;
  return proposed;
}

/// Clamps the proposed step to its limits and sets the limits of the following one.
double MoreThuente::next_step(double proposed) {
  double step = proposed;
  if (bracketed_) {
    // Two trials must shrink the interval to 0.66 of its width; otherwise halve it.
    const double width = std::abs(other_.step - best_.step);
    if (width >= 0.66 * width_before_) step = best_.step + 0.5 * (other_.step - best_.step);
    width_before_ = width_;
    width_ = width;
    lower_ = std::min(best_.step, other_.step);
    upper_ = std::max(best_.step, other_.step);
  } else {
    lower_ = step + 1.1 * (step - best_.step);
    upper_ = step + 4.0 * (step - best_.step);
  }
  step = std::clamp(step, shortest_step, longest_step);
  return is_exhausted(step) ? best_.step : step;
}

}  // namespace annmpi
