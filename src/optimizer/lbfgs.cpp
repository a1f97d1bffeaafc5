#include "annmpi/optimizer/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "annmpi/base/error.hpp"

namespace annmpi {
namespace {

std::size_t valid_memory(std::int64_t memory) {
  require(memory >= 1, "memory = {} cannot be used (L-BFGS learns from pairs) choose 1 or more",
          memory);
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
      numbers_(2 * memory_.capacity() + 2) {}

Iteration Lbfgs::start() {
  const double cost = descent_.start();
  point_ = descent_.decide()([&] {
    return Point{cost, descent_.space().max_abs(descent_.gradient())};
  });
  outlook_ = descent_.decide()([&] { return straight_down(); });
  LineDescent::require_finite_start(point_.cost, outlook_.gradient_square, point_.gradient_norm);
  return report(Iteration::Outcome::moved, 0.0);
}

Iteration Lbfgs::iterate() {
  turn();
  bool by_memory = !memory_.empty();
  Walk<Point> way = walk();
  if (!way.found && way.step == 0.0 && by_memory) {
    memory_.forget();
    by_memory = false;
    turn();
    way = walk();
  }
  point_ = way.point;
  at_start_ = false;
  if (way.found) {
    learn(way.step);
    return report(Iteration::Outcome::moved, way.step);
  }
  memory_.forget();
  outlook_ = descent_.decide()([&] { return straight_down(); });
  return report(by_memory ? Iteration::Outcome::moved : Iteration::Outcome::line_search_failed,
                way.step);
}

/// p = -H g, or -g where there are no pairs or where rounding has spoilt what they say.
void Lbfgs::turn() {
  if (!memory_.empty()) {
    const std::span<double> numbers = std::span(numbers_).first(memory_.coefficients() + 1);
    descent_.decide().fill(numbers, [&](std::span<double> values) {
      values.back() = memory_.solve(values.first(memory_.coefficients()));
    });
    slope_ = numbers.back();
    if (!(slope_ < 0 && std::isfinite(slope_))) memory_.forget();
  }
  if (memory_.empty()) {
    numbers_.front() = -1;
    slope_ = -outlook_.gradient_square;
  }
  memory_.combine(std::span(numbers_).first(memory_.coefficients()), descent_.gradient(),
                  descent_.direction());
}

Walk<Lbfgs::Point> Lbfgs::walk() {
  return descent_.walk<Point>(
      {point_.cost, slope_, first_step()},
      [&](double cost) -> std::optional<Point> {
        const Point point{cost, descent_.space().max_abs(descent_.other_gradient())};
        return std::isfinite(point.gradient_norm) ? std::optional(point) : std::nullopt;
      },
      [&](double cost) {
        return Point{cost, descent_.space().max_abs(descent_.gradient())};
      });
}

/// Takes the step just made into the memory, unless the cost curves downwards along it.
void Lbfgs::learn(double step) {
  memory_.form(step, descent_.direction(), descent_.other_gradient(), descent_.gradient());
  outlook_ = descent_.decide()([&] {
    const CurvatureMemory::Measured measured = memory_.measure(descent_.gradient());
    return Outlook{measured.gradient_square, measured.curves_upwards,
                   descent_.is_within_tolerance(point_.gradient_norm, measured.gradient_square)};
  });
  if (outlook_.keeps_pair) memory_.keep();
}

Lbfgs::Outlook Lbfgs::straight_down() const {
  const DotPair pair{&descent_.gradient(), &descent_.gradient()};
  double square = 0.0;
  descent_.space().multi_dot(std::span(&pair, 1), std::span(&square, 1));
  return {square, false, descent_.is_within_tolerance(point_.gradient_norm, square)};
}

/// A direction from pairs has its length. Without them theta is to change by 1 at most, and at the
/// start by 1, as in L-BFGS-B.
double Lbfgs::first_step() const {
  if (!memory_.empty()) return 1.0;
  const double unit = 1.0 / std::sqrt(outlook_.gradient_square);
  return at_start_ ? unit : std::min(1.0, unit);
}

Iteration Lbfgs::report(Iteration::Outcome otherwise, double step) const {
  return descent_.report(outlook_.converged ? Iteration::Outcome::converged : otherwise,
                         point_.cost, point_.gradient_norm, step);
}

}  // namespace annmpi
