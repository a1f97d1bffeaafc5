#include "annmpi/optimizer/conjugate_gradient.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "annmpi/base/error.hpp"

namespace annmpi {
namespace {

/// How steeply the next direction must descend, relative to steepest descent (Gilbert and Nocedal
/// 1992, condition 4.3; the constant is SciPy's).
constexpr double sufficient_descent = 0.01;

void require_valid(const ConjugateGradientOptions& options) {
  require(options.gradient_tolerance >= 0,
          "gradient_tolerance = {} cannot be used (a norm is held against it) choose 0 or more",
          options.gradient_tolerance);
  require(0 < options.c1 && options.c1 < options.c2 && options.c2 < 1,
          "c1 = {} and c2 = {} cannot be used (the Wolfe conditions need 0 < c1 < c2 < 1) choose "
          "others, such as 0.0001 and 0.4",
          options.c1, options.c2);
  require(options.max_trials >= 1,
          "max_trials = {} cannot be used (a line search needs a trial) choose 1 or more",
          options.max_trials);
}

}  // namespace

ConjugateGradient::ConjugateGradient(Objective& objective, Decide decide,
                                     const ConjugateGradientOptions& options)
    : objective_(objective),
      space_(objective.space()),
      decide_(std::move(decide)),
      options_(options) {
  require_valid(options_);
  gradient_ = space_.zero();
  candidate_gradient_ = space_.zero();
  direction_ = space_.zero();
}

Iteration ConjugateGradient::start() {
  const double cost = objective_.evaluate(*gradient_);
  evaluations_ = 1;
  iteration_ = 0;
  point_ = decide_([&] { return steepest_descent(cost); });
  require(std::isfinite(point_.cost) && std::isfinite(point_.gradient_square),
          "training cannot start: the cost is {} and the largest element of its gradient {} (both "
          "must be finite) look for values in the data that are not, or start from smaller weights",
          point_.cost, point_.gradient_norm);
  return report(point_.converged ? Iteration::Outcome::converged : Iteration::Outcome::moved, 0.0);
}

Iteration ConjugateGradient::iterate() {
  turn();
  objective_.aim(*direction_);
  // Every rank has a search, but only the one of the deciding rank is ever told anything.
  LineSearch search = line_search();
  LineAnswer answer = decide_([&] { return search.first(); });
  while (answer.kind != LineAnswer::Kind::failed) {
    if (answer.kind == LineAnswer::Kind::try_step) {
      const Probe probe = objective_.probe(answer.step);
      ++evaluations_;
      answer = decide_([&] { return search.told(probe); });
      continue;
    }
    objective_.gradient_at(answer.step, *candidate_gradient_);
    const Examination examination = decide_([&] { return examine(search); });
    if (examination.accepted) {
      advance(answer.step);
      point_ = examination.point;
      return report(point_.converged ? Iteration::Outcome::converged : Iteration::Outcome::moved,
                    answer.step);
    }
    answer = examination.otherwise;
  }
  return give_up(search, answer.step);
}

/// p = -g + beta p
void ConjugateGradient::turn() {
  const std::array<double, 2> coefficients{-1.0, point_.beta};
  const std::array<const Vector*, 2> vectors{gradient_.get(), direction_.get()};
  const std::size_t terms = point_.beta == 0.0 ? 1 : 2;
  space_.linear_combination(std::span(coefficients).first(terms), std::span(vectors).first(terms),
                            *direction_);
}

LineSearch ConjugateGradient::line_search() const {
  const LineSearchOptions options{{options_.c1, options_.c2}, options_.max_trials};
  return {options, point_.cost, point_.slope,
          first_step_guess(point_.cost, point_.previous_cost, point_.slope)};
}

/// Would the next direction from the candidate descend? Found from dots, without forming it.
ConjugateGradient::Examination ConjugateGradient::examine(LineSearch& search) const {
  const std::array<DotPair, 3> pairs{{{candidate_gradient_.get(), candidate_gradient_.get()},
                                      {candidate_gradient_.get(), gradient_.get()},
                                      {candidate_gradient_.get(), direction_.get()}}};
  std::array<double, 3> dots{};
  space_.multi_dot(pairs, dots);
  const auto [square, with_gradient, with_direction] = dots;

  const double norm = space_.max_abs(*candidate_gradient_);
  const double beta = std::max(0.0, (square - with_gradient) / point_.gradient_square);
  const double slope = -square + beta * with_direction;
  const bool converged = is_within_tolerance(norm, square);
  // A gradient that is not finite is rejected: comparisons with NaN are false.
  const bool descends = std::isfinite(square) && slope <= -sufficient_descent * square;
  const bool accepted = converged || descends;
  if (!accepted) return {false, point_, search.rejected()};
  return {true, {search.last().cost, point_.cost, norm, square, beta, slope, converged}, {}};
}

/// The point at gradient_ with the direction -g, as at the beginning. The cost before is set so
/// that the first step is about 1 / ||g||, a change of theta of length 1 (SciPy).
ConjugateGradient::Point ConjugateGradient::steepest_descent(double cost) const {
  const DotPair pair{gradient_.get(), gradient_.get()};
  double square = 0.0;
  space_.multi_dot(std::span(&pair, 1), std::span(&square, 1));
  const double norm = space_.max_abs(*gradient_);
  const double previous_cost = cost + std::sqrt(square) / 2.0;
  return {cost, previous_cost, norm, square, 0.0, -square, is_within_tolerance(norm, square)};
}

bool ConjugateGradient::is_within_tolerance(double norm, double square) const {
  const bool infinity = options_.gradient_norm == GradientNorm::infinity;
  return (infinity ? norm : std::sqrt(square)) <= options_.gradient_tolerance;
}

Iteration ConjugateGradient::give_up(const LineSearch& search, double best_step) {
  if (best_step > 0.0) {
    objective_.gradient_at(best_step, *candidate_gradient_);
    advance(best_step);
  }
  point_ = decide_([&] { return steepest_descent(search.best().cost); });
  // The best trial may be a minimum that the searches were too exacting to accept.
  return report(
      point_.converged ? Iteration::Outcome::converged : Iteration::Outcome::line_search_failed,
      best_step);
}

/// Moves to the step whose gradient is candidate_gradient_.
void ConjugateGradient::advance(double step) {
  objective_.commit(step);
  std::swap(gradient_, candidate_gradient_);
  ++iteration_;
}

Iteration ConjugateGradient::report(Iteration::Outcome outcome, double step) const {
  return {outcome, point_.cost, point_.gradient_norm, step, evaluations_, iteration_};
}

}  // namespace annmpi
