#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "annmpi/base/state.hpp"
#include "annmpi/base/vector_space.hpp"

namespace annmpi {

/// The last pairs s = theta_new - theta, y = g_new - g, and the approximation H of the inverse
/// Hessian that they define (limited-memory BFGS): with S = [s_1 .. s_k], Y likewise, the oldest
/// pair first,
///
///     H = gamma I + [S, gamma Y] [ R^-T (D + gamma Y^T Y) R^-1   -R^-T ] [ S^T       ]
///                                [ -R^-1                           0   ] [ gamma Y^T ]
///
/// where R is the upper triangle of S^T Y, D its diagonal, gamma = scale s_k.y_k / y_k.y_k (R. H.
/// Byrd, J. Nocedal, R. B. Schnabel, Mathematical Programming 63 (1994) 129-156; Nocedal and
/// Wright, Numerical Optimization, 2nd edition, equations 7.20 and 7.24, where the scale is 1). The
/// direction -H g is a linear combination of s, y and g whose coefficients depend on inner products
/// only. An iteration computes the new ones in one multi_dot, and reads the vectors once more in
/// combine().
///
/// Every rank holds the vectors; only the deciding rank knows the inner products. A new pair is
/// formed in a free slot, which it keeps if it is accepted. Nothing allocates after construction.
class CurvatureMemory {
 public:
  /// Result of measure().
  struct Measured {
    double gradient_square;   ///< g.g
    bool curvature_positive;  ///< s.y > epsilon |s.g| for the new pair, L-BFGS-B's condition
  };

  /// @param capacity pairs that are kept, >= 1
  /// @param scale of gamma, > 0
  CurvatureMemory(const VectorSpace& space, std::size_t capacity, double scale);

  [[nodiscard]] std::size_t capacity() const { return order_.size(); }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Number of coefficients that solve() computes and combine() takes.
  [[nodiscard]] std::size_t coefficients() const { return 2 * size_ + 1; }

  /// Forms the new pair: theta moved by `step` along `direction`, its gradient from `before` to
  /// `gradient`. On every rank.
  void form_pair(double step, const Vector& direction, const Vector& before,
                 const Vector& gradient);

  /// All inner products of the new pair and of the gradient at theta. On the deciding rank.
  [[nodiscard]] Measured measure(const Vector& gradient);

  /// Keeps the new pair, instead of the oldest one if the memory is full. On every rank.
  void keep_pair();
  /// Drops all pairs. On every rank.
  void clear() { size_ = 0; }

  /// Fills in the coefficients of -H g in the order s_1 .. s_k, y_1 .. y_k, g, and returns its
  /// slope -g.Hg. On the deciding rank, with at least one pair, after measure() and keep_pair();
  /// `gradient_square` is g.g as measured.
  double solve(double gradient_square, std::span<double> coefficients);

  /// direction = -H g. On every rank.
  void combine(std::span<const double> coefficients, const Vector& gradient, Vector& direction);

  /// Visits the pairs and their inner products, the oldest pair first.
  /// @throws Error if the state to be restored has more pairs than this memory's capacity.
  void visit_state(StateVisitor& visitor);

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
  std::vector<Pair> pairs_;         // slots: one more than are kept
  std::vector<std::size_t> order_;  // order_[0 .. size_ - 1]: slots of the pairs, the oldest first
  std::size_t size_ = 0;
  std::size_t free_slot_ = 0;         // of the new pair
  std::vector<double> sy_;            // s_i.y_j by slots, where i is not younger than j
  std::vector<double> yy_;            // y_i.y_j by slots, symmetric
  std::vector<DotPair> to_dot_;       // scratch
  std::vector<double> dots_;          // scratch
  std::vector<double> u_;             // scratch
  std::vector<const Vector*> terms_;  // scratch
};

}  // namespace annmpi
