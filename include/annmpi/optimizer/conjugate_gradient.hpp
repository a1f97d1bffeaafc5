#pragma once

#include <cstdint>
#include <memory>

#include "annmpi/base/decide.hpp"
#include "annmpi/base/objective.hpp"
#include "annmpi/base/vector_space.hpp"
#include "annmpi/optimizer/line_search.hpp"
#include "annmpi/optimizer/method.hpp"

namespace annmpi {

/// The norm of the gradient that is held against the tolerance.
enum class GradientNorm { infinity, two };

struct ConjugateGradientOptions {
  double gradient_tolerance = 1e-5;  ///< converged where the norm is at most this, >= 0
  GradientNorm gradient_norm = GradientNorm::infinity;
  double c1 = 1e-4;  ///< of the Wolfe conditions, 0 < c1 < c2 < 1
  double c2 = 0.4;
  int max_trials = 100;  ///< of the first line search, >= 1
};

/// Nonlinear conjugate gradients, step for step what scipy.optimize.fmin_cg computes: Polak and
/// Ribiere's beta kept from being negative (PR+: J. C. Gilbert and J. Nocedal, SIAM Journal on
/// Optimization 2 (1992) 21-42; Nocedal and Wright, equations 5.44 and 5.45),
///
///     p_0 = -g_0      beta = max(0, g_new.(g_new - g) / g.g)      p_new = -g_new + beta p
///
/// and a line search whose candidates must also keep PR+ going downhill:
///
///     ||g_new|| <= tolerance      or      p_new.g_new <= -0.01 g_new.g_new
///
/// Where SciPy gives up on a line it forgets what it tried; here theta moves to the best trial of
/// that line, if one is below the start, and a further iterate() begins anew with p = -g.
///
/// Everything that chooses is computed inside `decide`, so that ranks whose arithmetic differs in
/// the last bit take the same steps: one Objective::probe and one decision per trial, one
/// Objective::gradient_at and one decision per candidate. Vectors are made once, at construction:
/// gradient, gradient of the candidate, direction.
class ConjugateGradient final : public Method {
 public:
  /// `objective` must outlive the method.
  /// @throws Error if an option is out of its range.
  ConjugateGradient(Objective& objective, Decide decide,
                    const ConjugateGradientOptions& options = {});

  Iteration start() override;
  Iteration iterate() override;

 private:
  /// Scalars at theta, and of the direction that leads away from it; equal on all ranks.
  struct Point {
    double cost;
    double previous_cost;
    double gradient_norm;    // infinity norm
    double gradient_square;  // g.g
    double beta;             // share of the last direction in the next one
    double slope;            // of the next direction, p.g
    bool converged;
  };

  /// A candidate is the next point, or the search goes on as it says.
  struct Examination {
    bool accepted;
    Point point;
    LineAnswer otherwise;
  };

  void turn();
  [[nodiscard]] LineSearch line_search() const;
  [[nodiscard]] Examination examine(LineSearch& search) const;
  [[nodiscard]] Point steepest_descent(double cost) const;
  [[nodiscard]] bool is_within_tolerance(double norm, double square) const;
  Iteration give_up(const LineSearch& search, double best_step);
  void advance(double step);
  [[nodiscard]] Iteration report(Iteration::Outcome outcome, double step) const;

  Objective& objective_;
  const VectorSpace& space_;
  Decide decide_;
  ConjugateGradientOptions options_;
  std::unique_ptr<Vector> gradient_;
  std::unique_ptr<Vector> candidate_gradient_;
  std::unique_ptr<Vector> direction_;
  Point point_{};
  std::int64_t evaluations_ = 0;
  std::int64_t iteration_ = 0;
};

}  // namespace annmpi
