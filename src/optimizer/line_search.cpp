#include "optimizer/line_search.hpp"

#include <algorithm>
#include <cmath>

namespace annmpi {

double first_step_guess(double cost, double previous_cost, double slope) {
  const double guess = 1.01 * 2.0 * (cost - previous_cost) / slope;
  return guess >= 0.0 ? std::min(1.0, guess) : 1.0;
}

LineSearch::LineSearch(const LineSearchOptions& options, double cost, double slope,
                       double first_step)
    : max_trials_(options.max_trials),
      more_thuente_(options.wolfe, {0.0, cost, slope}, first_step),
      bracket_and_zoom_(options.wolfe, {0.0, cost, slope}, first_step),
      best_{0.0, cost, slope},
      last_(best_) {}

LineAnswer LineSearch::first() {
  return follow(more_thuente_.first());
}

LineAnswer LineSearch::advance(const Probe& probe) {
  ++trials_;
  if (!std::isfinite(probe.cost) || !std::isfinite(probe.slope)) {
    if (++halvings_ > max_halvings) return failed();
    return try_step(best_.step + 0.5 * (requested_step_ - best_.step));
  }
  last_ = {requested_step_, probe.cost, probe.slope};
  if (last_.cost < best_.cost) best_ = last_;
  return follow(first_search_ ? more_thuente_.advance(last_) : bracket_and_zoom_.advance(last_));
}

LineAnswer LineSearch::reject() {
  if (!first_search_) return follow(bracket_and_zoom_.reject());
  first_search_ = false;
  return follow(bracket_and_zoom_.first());
}

/// Returns the answer of the active search. Switches to the second search when the first one fails,
/// and answers requests for the last trial from memory.
LineAnswer LineSearch::follow(LineAnswer answer) {
  while (true) {
    const bool out_of_trials = answer.kind == LineAnswer::Kind::try_step && trials_ >= max_trials_;
    if (first_search_ && (answer.kind == LineAnswer::Kind::failed || out_of_trials)) {
      first_search_ = false;
      answer = bracket_and_zoom_.first();
    }
    if (answer.kind == LineAnswer::Kind::failed) return failed();
    if (answer.kind == LineAnswer::Kind::candidate) return answer;
    if (answer.step != last_.step) return try_step(answer.step);
    ++trials_;
    answer = first_search_ ? more_thuente_.advance(last_) : bracket_and_zoom_.advance(last_);
  }
}

LineAnswer LineSearch::try_step(double step) {
  requested_step_ = step;
  return {LineAnswer::Kind::try_step, step};
}

LineAnswer LineSearch::failed() const {
  return {LineAnswer::Kind::failed, best_.step};
}

}  // namespace annmpi
