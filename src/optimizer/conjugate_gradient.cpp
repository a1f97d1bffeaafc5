#include "optimizer/conjugate_gradient.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace annmpi {
namespace {

/// Required slope of the next direction, relative to steepest descent (Gilbert and Nocedal 1992,
/// condition 4.3; the constant is SciPy's).
constexpr double sufficient_descent = 0.01;

}  // namespace

ConjugateGradient::ConjugateGradient(Objective& objective, Decide decide,
                                     const DescentOptions& options)
    : descent_(objective, std::move(decide), options) {}

Iteration ConjugateGradient::start() {
  const double cost = descent_.start();
  point_ = descent_.decide()([&] { return steepest_descent(cost); });
  LineDescent::require_finite_start(point_.cost, point_.gradient_square, point_.gradient_norm);
  return report(Iteration::Outcome::moved, 0.0);
}

Iteration ConjugateGradient::iterate() {
  update_direction();
  const Line line{point_.cost, point_.slope,
                  first_step_guess(point_.cost, point_.previous_cost, point_.slope)};
  const auto line_result = descent_.search_line<Point>(
      line, [&](double cost) { return examine(cost); },
      [&](double cost) { return steepest_descent(cost); });
  point_ = line_result.point;
  // After a failure the best trial may still satisfy the tolerance.
  return report(
      line_result.accepted ? Iteration::Outcome::moved : Iteration::Outcome::line_search_failed,
      line_result.step);
}

/// Of the point, gradient_norm and converged are reported only.
void ConjugateGradient::visit_state(StateVisitor& visitor) {
  const StateGroup group(visitor, "cg");
  descent_.visit_state(visitor);
  visitor.vector("direction", descent_.space(), descent_.direction());
  visitor.scalar("cost", point_.cost);
  visitor.scalar("previous_cost", point_.previous_cost);
  visitor.scalar("gradient_square", point_.gradient_square);
  visitor.scalar("beta", point_.beta);
  visitor.scalar("slope", point_.slope);
}

/// p = -g + beta p
void ConjugateGradient::update_direction() {
  const std::array<double, 2> coefficients{-1.0, point_.beta};
  const std::array<const Vector*, 2> vectors{&descent_.gradient(), &descent_.direction()};
  const std::size_t terms = point_.beta == 0.0 ? 1 : 2;
  descent_.space().linear_combination(std::span(coefficients).first(terms),
                                      std::span(vectors).first(terms), descent_.direction());
}

/// The candidate as a point, unless the next direction from it would not descend. Computed from
/// inner products, without forming that direction.
std::optional<ConjugateGradient::Point> ConjugateGradient::examine(double cost) const {
  const Vector& gradient = descent_.other_gradient();
  const std::array<DotPair, 3> pairs{{{&gradient, &gradient},
                                      {&gradient, &descent_.gradient()},
                                      {&gradient, &descent_.direction()}}};
  std::array<double, 3> dots{};
  const double norm = descent_.space().multi_dot_and_max_abs(pairs, dots, gradient);
  const auto [square, with_gradient, with_direction] = dots;

  const double beta = std::max(0.0, (square - with_gradient) / point_.gradient_square);
  const double slope = -square + beta * with_direction;
  const bool converged = descent_.is_within_tolerance(norm, square);
  // Rejects a gradient that is not finite: comparisons with NaN are false.
  const bool descends = std::isfinite(square) && slope <= -sufficient_descent * square;
  if (!converged && !descends) return std::nullopt;
  return Point{cost, point_.cost, norm, square, beta, slope, converged};
}

/// The point with the direction -g, as at the start. The previous cost is chosen such that the
/// first step is about 1 / ||g||, a change of theta of length 1 (SciPy).
ConjugateGradient::Point ConjugateGradient::steepest_descent(double cost) const {
  const DotPair pair{&descent_.gradient(), &descent_.gradient()};
  double square = 0.0;
  const double norm = descent_.space().multi_dot_and_max_abs(
      std::span(&pair, 1), std::span(&square, 1), descent_.gradient());
  const double previous_cost = cost + std::sqrt(square) / 2.0;
  return {
      cost, previous_cost, norm, square, 0.0, -square, descent_.is_within_tolerance(norm, square)};
}

Iteration ConjugateGradient::report(Iteration::Outcome otherwise, double step) const {
  return descent_.report(point_.converged ? Iteration::Outcome::converged : otherwise, point_.cost,
                         point_.gradient_norm, step);
}

std::unique_ptr<Method> make_conjugate_gradient(Objective& objective, Decide decide,
                                                const DescentOptions& options) {
  return std::make_unique<ConjugateGradient>(objective, std::move(decide), options);
}

}  // namespace annmpi
