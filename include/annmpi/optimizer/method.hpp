#pragma once

#include <cstdint>
#include <optional>

#include "annmpi/base/state.hpp"

namespace annmpi {

/// The result of one iteration; equal on all ranks.
struct Iteration {
  enum class Outcome {
    moved,               ///< theta is a new point (after start(): the start) and has not converged
    converged,           ///< the gradient at theta is within the tolerance
    line_search_failed,  ///< no acceptable point on the line; theta is the best trial
    diverged,            ///< a stochastic method: the cost is no longer finite
  };

  Outcome outcome;
  double cost;  ///< J at the present theta
  /// Infinity norm of the gradient there, whichever norm the tolerance applies to. Stochastic
  /// methods: of the last batch, NaN at the start.
  double gradient_norm;
  /// Committed step along the direction; 0 if theta did not move. Stochastic methods: the last
  /// rate.
  double step;
  std::int64_t evaluations;       ///< so far: 1 for the start and 1 per new trial, as SciPy counts
  std::int64_t iteration;         ///< number of moves of theta
  std::optional<double> epoch{};  ///< stochastic methods: passes over all rows so far
};

/// A minimisation method, as the training loop sees it.
///
/// All calls are collective. The caller decides when to stop. After `converged` further iterations
/// gain nothing; after `line_search_failed` they may be tried, but rarely succeed.
class Method {
 public:
  Method() = default;
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;
  virtual ~Method() = default;

  /// Computes cost and gradient at the starting point, iteration 0. Called once, first.
  /// @throws Error on every rank if they are not finite.
  virtual Iteration start() = 0;

  /// One iteration: theta moves to a point of lower cost, or stays if none is found. For stochastic
  /// methods an epoch of many moves.
  virtual Iteration iterate() = 0;

  /// Visits the state of the method; that of the objective is visited separately. To be called
  /// after start() or iterate(), or, to restore, instead of start() on a method with the same
  /// options. The next iterate() then returns the same bits as it would have on the method that was
  /// read, provided that the objective's state goes along. A full-batch objective may carry values
  /// whose rounding depends on the moves since they were last computed from theta: same bits need a
  /// call right after it has computed them (FullBatchObjective: at a refresh).
  virtual void visit_state(StateVisitor& visitor) = 0;
};

}  // namespace annmpi
