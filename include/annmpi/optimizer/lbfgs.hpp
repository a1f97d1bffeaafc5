#pragma once

#include <cstdint>
#include <vector>

#include "annmpi/optimizer/curvature_memory.hpp"
#include "annmpi/optimizer/line_descent.hpp"

namespace annmpi {

struct LbfgsOptions {
  DescentOptions descent{.c2 = 0.9};
  std::int64_t memory = 10;  ///< pairs that are kept, >= 1
  /// Of the inverse Hessian where the pairs say nothing, as a multiple of s.y / y.y of the newest
  /// pair, > 0. L-BFGS-B has 1, with which lines of networks have their minimum at about 1.7 times
  /// the step, and need a sixth more iterations
  /// (docs/decisions/0002-where-we-differ-from-scipy.md).
  double scale = 2.0;
};

/// Limited-memory BFGS (D. C. Liu, J. Nocedal, Mathematical Programming 45 (1989) 503-528; Nocedal
/// and Wright, Numerical Optimization, 2nd edition, chapter 7), along the directions that L-BFGS-B
/// takes where nothing is bounded (C. Zhu, R. H. Byrd, P. Lu, J. Nocedal, ACM TOMS 23 (1997)
/// 550-560), but for their scale:
///
///     p = -H g, H from the last pairs (CurvatureMemory); p = -g where there are none
///
/// The first step to try is 1, and 1 / ||g|| from the start. Pairs without curvature are not kept.
/// Where a line search fails, theta moves to its best trial, if one is below the start; the pairs
/// are dropped, since they describe another landscape, and the next line leads straight down. If
/// nothing was better, that line is searched in the same iteration. Only a search straight down
/// that fails is reported as `line_search_failed`.
///
/// Beside what LineDescent decides: one decision on the gradient, and one per direction.
class Lbfgs final : public Method {
 public:
  /// `objective` must outlive the method.
  /// @throws Error if an option is out of its range.
  Lbfgs(Objective& objective, Decide decide, const LbfgsOptions& options = {});

  Iteration start() override;
  Iteration iterate() override;

 private:
  /// Scalars at theta, equal on all ranks.
  struct Point {
    double cost;
    double gradient_norm;  // infinity norm
  };
  /// What the pairs and the gradient at theta have to do with each other.
  struct Outlook {
    double gradient_square;  // g.g
    bool keeps_pair;         // the new pair joins the memory
    bool converged;
  };

  void turn();
  [[nodiscard]] Walk<Point> walk();
  void learn(double step);
  [[nodiscard]] Outlook straight_down() const;
  [[nodiscard]] double first_step() const;
  [[nodiscard]] Iteration report(Iteration::Outcome otherwise, double step) const;

  LineDescent descent_;
  CurvatureMemory memory_;
  std::vector<double> numbers_;  // coefficients of the direction, and its slope
  Point point_{};
  Outlook outlook_{};
  double slope_ = 0;
  bool at_start_ = true;
};

}  // namespace annmpi
