#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

/// Functions to minimise, written in the order of operations of make_scipy_cg_reference.py.
namespace annmpi::tests {

/// Rosenbrock's function in any dimension; minimum 0 at (1, ..., 1).
inline double rosenbrock(const std::vector<double>& x, std::vector<double>& gradient) {
  double cost = 0.0;
  gradient.assign(x.size(), 0.0);
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double valley = x[i + 1] - x[i] * x[i];
    const double distance = 1.0 - x[i];
    cost += 100.0 * valley * valley + distance * distance;
    gradient[i] += -400.0 * x[i] * valley - 2.0 * distance;
    gradient[i + 1] += 200.0 * valley;
  }
  return cost;
}

/// (-1.2, 1, -1.2, 1, ...), where Rosenbrock started.
inline std::vector<double> rosenbrock_start(std::size_t dimension) {
  std::vector<double> start(dimension, 1.0);
  for (std::size_t i = 0; i < dimension; i += 2) start[i] = -1.2;
  return start;
}

/// x.Ax / 2 - sum(x) with A = tridiagonal(-1, 2, -1); minimum at x_i = i (n + 1 - i) / 2, i = 1..n.
inline double quadratic(const std::vector<double>& x, std::vector<double>& gradient) {
  const std::size_t n = x.size();
  double cost = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double left = i > 0 ? x[i - 1] : 0.0;
    const double right = i + 1 < n ? x[i + 1] : 0.0;
    const double product = 2.0 * x[i] - left - right;
    cost += 0.5 * x[i] * product - x[i];
    gradient[i] = product - 1.0;
  }
  return cost;
}

}  // namespace annmpi::tests
