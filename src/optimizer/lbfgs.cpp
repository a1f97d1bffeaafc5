#include "optimizer/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "annmpi/base/error.hpp"

namespace annmpi {
namespace {

std::size_t valid_memory(std::int64_t memory) {
  require(memory >= 1, "memory = {} cannot be used (L-BFGS needs a pair) choose 1 or more", memory);
  return static_cast<std::size_t>(memory);
}

double valid_scale(double scale) {
  require(scale > 0 && std::isfinite(scale),
          "scale = {} cannot be used (the inverse Hessian is a multiple of it) choose one above 0",
          scale);
  return scale;
}

}  // namespace

Lbfgs::Lbfgs(Objective& objective, Decide decide, const LbfgsOptions& options)
    : descent_(objective, std::move(decide), options.descent),
      memory_(objective.space(), valid_memory(options.memory), valid_scale(options.scale)),
      coefficients_(2 * memory_.capacity() + 2) {}

Iteration Lbfgs::start() {
  const double cost = descent_.start();
  point_ = descent_.decide()([&] {
    return Point{cost, descent_.space().max_abs(descent_.gradient())};
  });
  gradient_info_ = descent_.decide()([&] { return steepest_descent(); });
  LineDescent::require_finite_start(point_.cost, gradient_info_.gradient_square,
                                    point_.gradient_norm);
  return report(Iteration::Outcome::moved, 0.0);
}

Iteration Lbfgs::iterate() {
  update_direction();
  bool used_pairs = !memory_.empty();
  LineResult<Point> result = search_line();
  if (!result.accepted && result.step == 0.0 && used_pairs) {
    memory_.clear();
    used_pairs = false;
    update_direction();
    result = search_line();
  }
  point_ = result.point;
  at_start_ = false;
  if (result.accepted) {
    update_memory(result.step);
    return report(Iteration::Outcome::moved, result.step);
  }
  memory_.clear();
  gradient_info_ = descent_.decide()([&] { return steepest_descent(); });
  return report(used_pairs ? Iteration::Outcome::moved : Iteration::Outcome::line_search_failed,
                result.step);
}

/// The direction, its coefficients and its slope follow from the pairs and the gradient.
void Lbfgs::visit_state(StateVisitor& visitor) {
  const StateGroup group(visitor, "lbfgs");
  descent_.visit_state(visitor);
  visitor.scalar("cost", point_.cost);
  visitor.scalar("gradient_square", gradient_info_.gradient_square);
  visitor.counter("at_start", at_start_);
  memory_.visit_state(visitor);
}

/// p = -H g, or -g without pairs or if rounding makes -H g no descent direction.
void Lbfgs::update_direction() {
  if (!memory_.empty()) {
    const std::span<double> numbers = std::span(coefficients_).first(memory_.coefficients() + 1);
    descent_.decide().fill(numbers, [&](std::span<double> values) {
      values.back() =
          memory_.solve(gradient_info_.gradient_square, values.first(memory_.coefficients()));
    });
    slope_ = numbers.back();
    if (!(slope_ < 0 && std::isfinite(slope_))) memory_.clear();
  }
  if (memory_.empty()) {
    coefficients_.front() = -1;
    slope_ = -gradient_info_.gradient_square;
  }
  memory_.combine(std::span(coefficients_).first(memory_.coefficients()), descent_.gradient(),
                  descent_.direction());
}

LineResult<Lbfgs::Point> Lbfgs::search_line() {
  return descent_.search_line<Point>(
      {point_.cost, slope_, first_step()},
      [&](double cost) -> std::optional<Point> {
        const Point point{cost, descent_.space().max_abs(descent_.other_gradient())};
        return std::isfinite(point.gradient_norm) ? std::optional(point) : std::nullopt;
      },
      [&](double cost) {
        return Point{cost, descent_.space().max_abs(descent_.gradient())};
      });
}

/// Adds the step just made to the memory, unless its curvature is not positive.
void Lbfgs::update_memory(double step) {
  memory_.form_pair(step, descent_.direction(), descent_.other_gradient(), descent_.gradient());
  gradient_info_ = descent_.decide()([&] {
    const CurvatureMemory::Measured measured = memory_.measure(descent_.gradient());
    return GradientInfo{
        measured.gradient_square, measured.curvature_positive,
        descent_.is_within_tolerance(point_.gradient_norm, measured.gradient_square)};
  });
  if (gradient_info_.pair_accepted) memory_.keep_pair();
}

Lbfgs::GradientInfo Lbfgs::steepest_descent() const {
  const DotPair pair{&descent_.gradient(), &descent_.gradient()};
  double square = 0.0;
  descent_.space().multi_dot(std::span(&pair, 1), std::span(&square, 1));
  return {square, false, descent_.is_within_tolerance(point_.gradient_norm, square)};
}

/// A direction from pairs is scaled. Without pairs theta changes by 1 at most, and by 1 in the
/// first iteration, as in L-BFGS-B.
double Lbfgs::first_step() const {
  if (!memory_.empty()) return 1.0;
  const double unit = 1.0 / std::sqrt(gradient_info_.gradient_square);
  return at_start_ ? unit : std::min(1.0, unit);
}

Iteration Lbfgs::report(Iteration::Outcome otherwise, double step) const {
  return descent_.report(gradient_info_.converged ? Iteration::Outcome::converged : otherwise,
                         point_.cost, point_.gradient_norm, step);
}

std::unique_ptr<Method> make_lbfgs(Objective& objective, Decide decide,
                                   const LbfgsOptions& options) {
  return std::make_unique<Lbfgs>(objective, std::move(decide), options);
}

}  // namespace annmpi
