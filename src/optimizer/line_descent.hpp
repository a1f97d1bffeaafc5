#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "annmpi/base/decide.hpp"
#include "annmpi/base/objective.hpp"
#include "annmpi/base/state.hpp"
#include "annmpi/base/vector_space.hpp"
#include "annmpi/optimizer/line_methods.hpp"
#include "annmpi/optimizer/method.hpp"

#include "optimizer/line_search.hpp"

namespace annmpi {

/// The start of a line search: cost and slope at step 0, and the first trial step.
struct Line {
  double cost;
  double slope;
  double first_step;
};

/// Result of a line search; equal on all ranks.
template <class Point>
struct LineResult {
  bool accepted;  ///< a candidate was accepted; otherwise theta is at the best trial
  double step;    ///< committed step; 0 if no trial was better than the start
  Point point;
};

/// The common part of line search methods: the gradient at theta, a search direction, and the
/// search for an acceptable point along it.
///
/// All control flow depends on values computed inside `decide`, so that ranks whose arithmetic
/// differs in the last bit take the same steps. The cost is one Objective::probe and one decision
/// per trial, one Objective::gradient_at and one decision per candidate. Vectors are allocated at
/// construction only.
class LineDescent {
 public:
  /// `objective` must outlive this object.
  /// @throws Error if an option is out of its range.
  LineDescent(Objective& objective, Decide decide, const DescentOptions& options);

  [[nodiscard]] const VectorSpace& space() const { return space_; }
  [[nodiscard]] const Decide& decide() const { return decide_; }
  /// The gradient at theta; inside search_line(), at the start of the line.
  [[nodiscard]] const Vector& gradient() const { return *gradient_; }
  /// Inside search_line() the gradient at the candidate, afterwards the one at the start of the
  /// line.
  [[nodiscard]] const Vector& other_gradient() const { return *other_gradient_; }
  /// The search direction, to be set before search_line().
  [[nodiscard]] Vector& direction() { return *direction_; }
  [[nodiscard]] const Vector& direction() const { return *direction_; }

  /// Computes cost and gradient() at the starting point; returns the cost as this rank has it.
  double start();
  /// @throws Error unless cost and gradient at the start, as decided, are finite.
  static void require_finite_start(double cost, double gradient_square, double gradient_norm);

  /// Moves theta along direction() to the first accepted candidate, or else to the best trial,
  /// which is the start if every trial is worse. Collective. The callbacks run on the deciding rank
  /// and return a trivially copyable Point:
  ///
  ///     optional<Point> examine(double cost)   of a candidate; other_gradient() is its gradient
  ///     Point fall_back(double cost)           of the best trial; gradient() is its gradient
  ///
  /// examine() rejects a candidate by returning nothing.
  template <class Point, class Examine, class FallBack>
  LineResult<Point> search_line(const Line& line, Examine&& examine, FallBack&& fall_back);

  /// Visits the gradient and the counts. The direction is up to the method: not all need it.
  void visit_state(StateVisitor& visitor);

  [[nodiscard]] bool is_within_tolerance(double norm, double square) const;

  [[nodiscard]] Iteration report(Iteration::Outcome outcome, double cost, double gradient_norm,
                                 double step) const {
    return {outcome, cost, gradient_norm, step, evaluations_, iteration_};
  }

 private:
  template <class Point>
  struct CandidateDecision {
    bool accepted;
    Point point;
    LineAnswer next;  // if the candidate was rejected
  };

  [[nodiscard]] LineSearch make_search(const Line& line) const {
    return {
        {{options_.c1, options_.c2}, options_.max_trials}, line.cost, line.slope, line.first_step};
  }
  LineAnswer evaluate_trial(LineSearch& search, double step);
  void move_to(double step);

  Objective& objective_;
  const VectorSpace& space_;
  Decide decide_;
  DescentOptions options_;
  std::unique_ptr<Vector> gradient_;
  std::unique_ptr<Vector> other_gradient_;
  std::unique_ptr<Vector> direction_;
  std::int64_t evaluations_ = 0;
  std::int64_t iteration_ = 0;
};

template <class Point, class Examine, class FallBack>
LineResult<Point> LineDescent::search_line(const Line& line, Examine&& examine,
                                           FallBack&& fall_back) {
  objective_.aim(*direction_);
  // Every rank has a search object, but only the deciding rank advances its own.
  LineSearch search = make_search(line);
  LineAnswer answer = decide_([&] { return search.first(); });
  while (answer.kind != LineAnswer::Kind::failed) {
    if (answer.kind == LineAnswer::Kind::try_step) {
      answer = evaluate_trial(search, answer.step);
      continue;
    }
    objective_.gradient_at(answer.step, *other_gradient_);
    const auto decision = decide_([&]() -> CandidateDecision<Point> {
      const std::optional<Point> point = examine(search.last().cost);
      if (point) return {true, *point, {}};
      return {false, {}, search.reject()};
    });
    if (decision.accepted) {
      move_to(answer.step);
      return {true, answer.step, decision.point};
    }
    answer = decision.next;
  }
  if (answer.step > 0.0) {
    objective_.gradient_at(answer.step, *other_gradient_);
    move_to(answer.step);
  }
  return {false, answer.step, decide_([&] { return fall_back(search.best().cost); })};
}

}  // namespace annmpi
