#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "annmpi/base/decide.hpp"
#include "annmpi/base/objective.hpp"
#include "annmpi/base/vector_space.hpp"
#include "annmpi/optimizer/line_search.hpp"
#include "annmpi/optimizer/method.hpp"
#include "annmpi/rules/gradient_norm.hpp"

namespace annmpi {

/// What every method that searches along lines can be told.
struct DescentOptions {
  double gradient_tolerance = 1e-5;  ///< converged where the norm is at most this, >= 0
  rules::GradientNorm gradient_norm = rules::GradientNorm::infinity;
  double c1 = 1e-4;  ///< of the Wolfe conditions, 0 < c1 < c2 < 1
  double c2 = 0.4;
  int max_trials = 100;  ///< of the first line search, >= 1
};

/// A line to search along: cost and slope at its start, and the first step to try.
struct Line {
  double cost;
  double slope;
  double first_step;
};

/// Where a line search led. Equal on all ranks.
template <class Point>
struct Walk {
  bool found;   ///< a candidate was accepted; else theta is at the best trial
  double step;  ///< how far theta moved; 0 if no trial was better than the start
  Point point;
};

/// What methods that search along lines have in common: theta's gradient, a direction from there,
/// and the way to an acceptable point on that line.
///
/// Everything that chooses is computed inside `decide`, so that ranks whose arithmetic differs in
/// the last bit take the same steps: one Objective::probe and one decision per trial, one
/// Objective::gradient_at and one decision per candidate. Vectors are made once, at construction.
class LineDescent {
 public:
  /// `objective` must outlive this object.
  /// @throws Error if an option is out of its range.
  LineDescent(Objective& objective, Decide decide, const DescentOptions& options);

  [[nodiscard]] const VectorSpace& space() const { return space_; }
  [[nodiscard]] const Decide& decide() const { return decide_; }
  /// The gradient at theta; inside walk(), at its start.
  [[nodiscard]] const Vector& gradient() const { return *gradient_; }
  /// Inside walk() the gradient at the candidate, after it the one at its start.
  [[nodiscard]] const Vector& other_gradient() const { return *other_gradient_; }
  /// The line's direction, to be set before walk().
  [[nodiscard]] Vector& direction() { return *direction_; }
  [[nodiscard]] const Vector& direction() const { return *direction_; }

  /// Cost from scratch and gradient() at the starting point, on this rank.
  double start();
  /// @throws Error unless cost and gradient of the start, as decided, are finite.
  static void require_finite_start(double cost, double gradient_square, double gradient_norm);

  /// Moves theta along direction() to the first candidate that is accepted, or else to the best
  /// trial. Collective. The Point is a plain value that comes, where decisions are made, from
  ///
  ///     std::optional<Point> examine(double cost)   of a candidate; nothing refuses it
  ///     Point settle(double cost)                   of the best trial, whose gradient() this is
  ///
  /// Where every trial is worse than the start, that is the best trial.
  template <class Point, class Examine, class Settle>
  Walk<Point> walk(const Line& line, Examine&& examine, Settle&& settle);

  [[nodiscard]] bool is_within_tolerance(double norm, double square) const;

  [[nodiscard]] Iteration report(Iteration::Outcome outcome, double cost, double gradient_norm,
                                 double step) const {
    return {outcome, cost, gradient_norm, step, evaluations_, iteration_};
  }

 private:
  template <class Point>
  struct Examination {
    bool accepted;
    Point point;
    LineAnswer otherwise;
  };

  [[nodiscard]] LineSearch search_along(const Line& line) const {
    return {
        {{options_.c1, options_.c2}, options_.max_trials}, line.cost, line.slope, line.first_step};
  }
  LineAnswer try_out(LineSearch& search, double step);
  void advance(double step);

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

template <class Point, class Examine, class Settle>
Walk<Point> LineDescent::walk(const Line& line, Examine&& examine, Settle&& settle) {
  objective_.aim(*direction_);
  // Every rank has a search, but only the one of the deciding rank is ever told anything.
  LineSearch search = search_along(line);
  LineAnswer answer = decide_([&] { return search.first(); });
  while (answer.kind != LineAnswer::Kind::failed) {
    if (answer.kind == LineAnswer::Kind::try_step) {
      answer = try_out(search, answer.step);
      continue;
    }
    objective_.gradient_at(answer.step, *other_gradient_);
    const auto examination = decide_([&]() -> Examination<Point> {
      const std::optional<Point> point = examine(search.last().cost);
      if (point) return {true, *point, {}};
      return {false, {}, search.rejected()};
    });
    if (examination.accepted) {
      advance(answer.step);
      return {true, answer.step, examination.point};
    }
    answer = examination.otherwise;
  }
  if (answer.step > 0.0) {
    objective_.gradient_at(answer.step, *other_gradient_);
    advance(answer.step);
  }
  return {false, answer.step, decide_([&] { return settle(search.best().cost); })};
}

}  // namespace annmpi
