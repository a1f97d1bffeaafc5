#include "optimizer/bracket_and_zoom.hpp"

#include <algorithm>
#include <cmath>

namespace annmpi {
namespace {

/// Minimiser of the cubic through the costs at three steps and the slope at `low`; not finite
/// if there is none. (Nocedal and Wright, section 3.5, written for two free points.)
double cubic_step(const LineTrial& low, const LineTrial& high, const LineTrial& third) {
  // cost(s) = low.cost + low.slope u + b u^2 + a u^3 with u = s - low.step
  const double u = high.step - low.step;
  const double v = third.step - low.step;
  const double excess_u = high.cost - low.cost - low.slope * u;
  const double excess_v = third.cost - low.cost - low.slope * v;
  const double denominator = (u * v) * (u * v) * (u - v);
  const double a = (v * v * excess_u - u * u * excess_v) / denominator;
  const double b = (u * u * u * excess_v - v * v * v * excess_u) / denominator;
  return low.step + (-b + std::sqrt(b * b - 3.0 * a * low.slope)) / (3.0 * a);
}

/// Minimiser of the parabola through both costs and the slope at `low`.
double quadratic_step(const LineTrial& low, const LineTrial& high) {
  const double u = high.step - low.step;
  const double b = (high.cost - low.cost - low.slope * u) / (u * u);
  return low.step - low.slope / (2.0 * b);
}

}  // namespace

BracketAndZoom::BracketAndZoom(const WolfeConditions& wolfe, const LineTrial& start,
                               double first_step)
    : wolfe_(wolfe), start_(start), trial_(start), previous_(start), first_step_(first_step) {}

LineAnswer BracketAndZoom::first() const {
  const bool sound = start_.slope < 0 && first_step_ > 0 && std::isfinite(first_step_);
  return {sound ? LineAnswer::Kind::try_step : LineAnswer::Kind::failed, first_step_};
}

LineAnswer BracketAndZoom::advance(const LineTrial& trial) {
  trial_ = trial;
  const bool decreased = wolfe_.decreases_enough(trial, start_);
  if (zooming_) {
    if (!decreased || trial.cost >= low_.cost) {
      replace_high(trial);
      return refine();
    }
  } else if (!decreased || (expansions_ > 0 && trial.cost >= previous_.cost)) {
    return zoom_into(previous_, trial);
  }
  // The curvature condition is tested only where the decrease is sufficient.
  if (wolfe_.is_flat_enough(trial, start_)) return {LineAnswer::Kind::candidate, trial.step};
  return proceed();
}

LineAnswer BracketAndZoom::reject() {
  return proceed();
}

/// Continues after a trial with sufficient decrease that does not end the search.
LineAnswer BracketAndZoom::proceed() {
  if (zooming_) {
    replace_low(trial_);
    return refine();
  }
  if (trial_.slope >= 0) return zoom_into(trial_, previous_);
  if (expansions_++ == max_expansions) return {LineAnswer::Kind::failed, trial_.step};
  previous_ = trial_;
  return {LineAnswer::Kind::try_step, 2.0 * trial_.step};
}

LineAnswer BracketAndZoom::zoom_into(const LineTrial& low, const LineTrial& high) {
  zooming_ = true;
  low_ = low;
  high_ = high;
  return {LineAnswer::Kind::try_step, interpolated_step()};
}

LineAnswer BracketAndZoom::refine() {
  if (refinements_++ == max_refinements) return {LineAnswer::Kind::failed, low_.step};
  return {LineAnswer::Kind::try_step, interpolated_step()};
}

void BracketAndZoom::replace_high(const LineTrial& trial) {
  dropped_ = high_;
  high_ = trial;
}

void BracketAndZoom::replace_low(const LineTrial& trial) {
  if (trial.slope * (high_.step - low_.step) >= 0) {
    dropped_ = high_;
    high_ = low_;
  } else {
    dropped_ = low_;
  }
  low_ = trial;
}

/// Cubic interpolation, else quadratic, else bisection: the first one that keeps its margin from
/// both ends.
double BracketAndZoom::interpolated_step() const {
  const double left = std::min(low_.step, high_.step);
  const double right = std::max(low_.step, high_.step);
  const auto keeps_margin = [&](double step, double share) {
    const double margin = share * (right - left);
    return step >= left + margin && step <= right - margin;  // false for NaN
  };
  // The third point exists once an end was replaced.
  if (refinements_ > 0) {
    const double cubic = cubic_step(low_, high_, dropped_);
    if (keeps_margin(cubic, 0.2)) return cubic;
  }
  const double quadratic = quadratic_step(low_, high_);
  if (keeps_margin(quadratic, 0.1)) return quadratic;
  return low_.step + 0.5 * (high_.step - low_.step);
}

}  // namespace annmpi
