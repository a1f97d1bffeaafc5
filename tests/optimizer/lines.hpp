#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "annmpi/base/objective.hpp"

#include "optimizer/line_trial.hpp"

/// Test functions of one step, and a driver that runs a line search on them.
namespace annmpi::tests {

/// The six functions of J. J. More and D. J. Thuente, ACM TOMS 20 (1994), section 5, equations
/// 5.1 to 5.4 (the last with three pairs of parameters).
inline Probe yanai(double s, double beta_1, double beta_2) {
  const auto gamma = [](double beta) { return std::sqrt(1.0 + beta * beta) - beta; };
  const double left = std::sqrt((1.0 - s) * (1.0 - s) + beta_2 * beta_2);
  const double right = std::sqrt(s * s + beta_1 * beta_1);
  return {gamma(beta_1) * left + gamma(beta_2) * right,
          -gamma(beta_1) * (1.0 - s) / left + gamma(beta_2) * s / right};
}

inline Probe more_thuente_function(int number, double s) {
  switch (number) {
    case 1: {
      const double square = s * s + 2.0;
      return {-s / square, (s * s - 2.0) / (square * square)};
    }
    case 2: {
      const double t = s + 0.004;
      return {std::pow(t, 5) - 2.0 * std::pow(t, 4), 5.0 * std::pow(t, 4) - 8.0 * std::pow(t, 3)};
    }
    case 3: {
      constexpr double beta = 0.01;
      constexpr double waves = 39.0;
      Probe base{(s - 1.0) * (s - 1.0) / (2.0 * beta) + beta / 2.0, (s - 1.0) / beta};
      if (s <= 1.0 - beta) base = {1.0 - s, -1.0};
      if (s >= 1.0 + beta) base = {s - 1.0, 1.0};
      const double angle = waves * std::numbers::pi / 2.0 * s;
      const double height = 2.0 * (1.0 - beta) / (waves * std::numbers::pi);
      return {base.cost + height * std::sin(angle), base.slope + (1.0 - beta) * std::cos(angle)};
    }
    case 4:
      return yanai(s, 0.001, 0.001);
    case 5:
      return yanai(s, 0.01, 0.001);
    default:
      return yanai(s, 0.001, 0.01);
  }
}

/// The trials of a search, in order, and its last answer.
struct SearchRecord {
  std::vector<LineTrial> trials;
  LineAnswer end;
};

/// Runs a search (MoreThuente, BracketAndZoom) on `line`, a function from step to Probe.
template <class Search, class Line>
SearchRecord run_search(Search& search, const Line& line) {
  SearchRecord result{{}, search.first()};
  while (result.end.kind == LineAnswer::Kind::try_step) {
    const Probe probe = line(result.end.step);
    result.trials.push_back({result.end.step, probe.cost, probe.slope});
    result.end = search.advance(result.trials.back());
  }
  return result;
}

template <class Line>
LineTrial start_of(const Line& line) {
  const Probe probe = line(0.0);
  return {0.0, probe.cost, probe.slope};
}

/// A parabola with its minimum -1/2 at step 1.
inline Probe parabola(double s) {
  return {0.5 * s * s - s, s - 1.0};
}

}  // namespace annmpi::tests
