#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "annmpi/base/vector_space.hpp"

namespace annmpi {

/// The last pairs s = theta_new - theta, y = g_new - g, and what they tell of the inverse Hessian H
/// (limited-memory BFGS): with S = [s_1 .. s_k], Y likewise, the oldest pair first,
///
///     H = gamma I + [S, gamma Y] [ R^-T (D + gamma Y^T Y) R^-1   -R^-T ] [ S^T       ]
///                                [ -R^-1                           0   ] [ gamma Y^T ]
///
/// where R is the upper triangle of S^T Y, D its diagonal, gamma = scale s_k.y_k / y_k.y_k (R. H.
/// Byrd, J. Nocedal, R. B. Schnabel, Mathematical Programming 63 (1994) 129-156; Nocedal and
/// Wright, Numerical Optimization, 2nd edition, equations 7.20 and 7.24, where the scale is 1). The
/// direction -H g is a linear combination of s, y and g whose coefficients need inner products
/// alone: the new ones of an iteration come from one multi_dot, and vectors are touched once more,
/// by combine().
///
/// Every rank holds the vectors; inner products are known where decisions are made. A new pair goes
/// to a place of its own until it is kept. Nothing allocates after construction.
class CurvatureMemory {
 public:
  /// What the last measure() found.
  struct Measured {
    double gradient_square;  ///< g.g
    bool curves_upwards;     ///< the new pair has s.y > epsilon |s.g|, as L-BFGS-B asks
  };

  /// @param capacity pairs that are kept, >= 1
  /// @param scale of gamma, > 0
  CurvatureMemory(const VectorSpace& space, std::size_t capacity, double scale);

  [[nodiscard]] std::size_t capacity() const { return order_.size(); }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Numbers that solve() computes and combine() needs.
  [[nodiscard]] std::size_t coefficients() const { return 2 * size_ + 1; }

  /// Forms the new pair: theta moved by `step` along `direction`, its gradient from `before` to
  /// `gradient`. On every rank.
  void form(double step, const Vector& direction, const Vector& before, const Vector& gradient);

  /// All inner products of the new pair and of the gradient at theta. Where decisions are made.
  [[nodiscard]] Measured measure(const Vector& gradient);

  /// Keeps the new pair, in place of the oldest one where the memory is full. On every rank.
  void keep();
  /// Drops all pairs. On every rank.
  void forget() { size_ = 0; }

  /// Fills in the coefficients of -H g in the order s_1 .. s_k, y_1 .. y_k, g, and returns its
  /// slope -g.Hg. Where decisions are made, with a pair at least, after measure() and what became
  /// of it.
  double solve(std::span<double> coefficients);

  /// direction = -H g. On every rank.
  void combine(std::span<const double> coefficients, const Vector& gradient, Vector& direction);

 private:
  struct Pair {
    std::unique_ptr<Vector> s;
    std::unique_ptr<Vector> y;
    double s_gradient = 0;  // s.g
    double y_gradient = 0;  // y.g
  };

  [[nodiscard]] double& sy(std::size_t i, std::size_t j) { return sy_[i * pairs_.size() + j]; }
  [[nodiscard]] double& yy(std::size_t i, std::size_t j) { return yy_[i * pairs_.size() + j]; }

  const VectorSpace& space_;
  double scale_;
  std::vector<Pair> pairs_;         // one more than are kept
  std::vector<std::size_t> order_;  // order_[0 .. size_ - 1]: places of the pairs, the oldest first
  std::size_t size_ = 0;
  std::size_t spare_ = 0;             // place of the new pair
  double gradient_square_ = 0;        // g.g
  std::vector<double> sy_;            // s_i.y_j by places, where i is not younger than j
  std::vector<double> yy_;            // y_i.y_j by places, both ways
  std::vector<DotPair> to_dot_;       // scratch
  std::vector<double> dots_;          // scratch
  std::vector<double> u_;             // scratch
  std::vector<const Vector*> terms_;  // scratch
};

}  // namespace annmpi
