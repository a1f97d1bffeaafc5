#pragma once

#include <optional>

#include "optimizer/line_descent.hpp"

namespace annmpi {

/// Nonlinear conjugate gradients, step for step as in scipy.optimize.fmin_cg, with Polak and
/// Ribiere's beta clipped at 0 (PR+: J. C. Gilbert and J. Nocedal, SIAM Journal on
/// Optimization 2 (1992) 21-42; Nocedal and Wright, equations 5.44 and 5.45),
///
///     p_0 = -g_0      beta = max(0, g_new.(g_new - g) / g.g)      p_new = -g_new + beta p
///
/// and a line search whose candidates must also yield a descent direction or converge:
///
///     ||g_new|| <= tolerance      or      p_new.g_new <= -0.01 g_new.g_new
///
/// When a line search fails, SciPy discards its trials; here theta moves to the best trial of that
/// line, if one is below the start, and a further iterate() restarts with p = -g.
class ConjugateGradient final : public Method {
 public:
  /// `objective` must outlive the method.
  /// @throws Error if an option is out of its range.
  ConjugateGradient(Objective& objective, Decide decide, const DescentOptions& options = {});

  Iteration start() override;
  Iteration iterate() override;
  void visit_state(StateVisitor& visitor) override;

 private:
  /// Scalars at theta and of the next direction; equal on all ranks.
  struct Point {
    double cost;
    double previous_cost;
    double gradient_norm;    // infinity norm
    double gradient_square;  // g.g
    double beta;             // weight of the last direction in the next one
    double slope;            // of the next direction, p.g
    bool converged;
  };

  void update_direction();
  [[nodiscard]] std::optional<Point> examine(double cost) const;
  [[nodiscard]] Point steepest_descent(double cost) const;
  [[nodiscard]] Iteration report(Iteration::Outcome otherwise, double step) const;

  LineDescent descent_;
  Point point_{};
};

}  // namespace annmpi
