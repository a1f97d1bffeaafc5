#pragma once

#include <cstdint>
#include <vector>

#include "optimizer/curvature_memory.hpp"
#include "optimizer/line_descent.hpp"

namespace annmpi {

/// Limited-memory BFGS (D. C. Liu, J. Nocedal, Mathematical Programming 45 (1989) 503-528; Nocedal
/// and Wright, Numerical Optimization, 2nd edition, chapter 7), with the directions of L-BFGS-B
/// without bounds (C. Zhu, R. H. Byrd, P. Lu, J. Nocedal, ACM TOMS 23 (1997)
/// 550-560), except for their scale:
///
///     p = -H g, H from the last pairs (CurvatureMemory); p = -g without pairs
///
/// The first trial step is 1, and 1 / ||g|| in the first iteration. Pairs without positive
/// curvature are skipped. When a line search fails, theta moves to its best trial, if one is below
/// the start; the pairs are dropped, since they do not describe the cost there, and the next
/// direction is -g. If no trial was better, -g is searched in the same iteration. Only a failed
/// search along -g is reported as `line_search_failed`.
///
/// Decisions beyond those of LineDescent: one on the gradient and one per direction.
class Lbfgs final : public Method {
 public:
  /// `objective` must outlive the method.
  /// @throws Error if an option is out of its range.
  Lbfgs(Objective& objective, Decide decide, const LbfgsOptions& options = {});

  Iteration start() override;
  Iteration iterate() override;
  void visit_state(StateVisitor& visitor) override;

 private:
  /// Scalars at theta, equal on all ranks.
  struct Point {
    double cost;
    double gradient_norm;  // infinity norm
  };
  /// Scalars from the inner products of the gradient and the pairs; equal on all ranks.
  struct GradientInfo {
    double gradient_square;  // g.g
    bool pair_accepted;      // the new pair has positive curvature
    bool converged;
  };

  void update_direction();
  [[nodiscard]] LineResult<Point> search_line();
  void update_memory(double step);
  [[nodiscard]] GradientInfo steepest_descent() const;
  [[nodiscard]] double first_step() const;
  [[nodiscard]] Iteration report(Iteration::Outcome otherwise, double step) const;

  LineDescent descent_;
  CurvatureMemory memory_;
  std::vector<double> coefficients_;  // of the direction, and its slope
  Point point_{};
  GradientInfo gradient_info_{};
  double slope_ = 0;
  bool at_start_ = true;
};

}  // namespace annmpi
