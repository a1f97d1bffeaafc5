#pragma once

#include <cstdint>
#include <memory>

#include "annmpi/base/decide.hpp"
#include "annmpi/base/objective.hpp"
#include "annmpi/optimizer/method.hpp"
#include "annmpi/rules/gradient_norm.hpp"

/// The full-batch methods, which search along lines.
namespace annmpi {

/// Options shared by all line search methods.
struct DescentOptions {
  double gradient_tolerance = 1e-5;  ///< converged if the norm is at most this, >= 0
  rules::GradientNorm gradient_norm = rules::GradientNorm::infinity;
  double c1 = 1e-4;  ///< of the Wolfe conditions, 0 < c1 < c2 < 1
  double c2 = 0.4;
  int max_trials = 100;  ///< of the first line search, >= 1
};

/// Nonlinear conjugate gradients as scipy.optimize.fmin_cg computes them. `objective` must outlive
/// the method.
/// @throws Error if an option is out of its range.
[[nodiscard]] std::unique_ptr<Method> make_conjugate_gradient(Objective& objective, Decide decide,
                                                              const DescentOptions& options = {});

struct LbfgsOptions {
  DescentOptions descent{.c2 = 0.9};
  std::int64_t memory = 10;  ///< pairs that are kept, >= 1
  /// Scale of the initial inverse Hessian as a multiple of s.y / y.y of the newest pair, > 0.
  /// L-BFGS-B uses 1; networks then have their minimum along the line at a step of about 1.7 and
  /// need a sixth more iterations (docs/decisions/0002-where-we-differ-from-scipy.md).
  double scale = 2.0;
};

/// Limited-memory BFGS, along the directions of L-BFGS-B without bounds. `objective` must outlive
/// the method.
/// @throws Error if an option is out of its range.
[[nodiscard]] std::unique_ptr<Method> make_lbfgs(Objective& objective, Decide decide,
                                                 const LbfgsOptions& options = {});

}  // namespace annmpi
