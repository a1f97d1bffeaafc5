#pragma once

#include <cstdint>
#include <optional>

namespace annmpi {

/// What one iteration came to; the same on every rank.
struct Iteration {
  enum class Outcome {
    moved,      ///< theta is a new point (after start(): the start), and there is more to do
    converged,  ///< the gradient at theta is within the tolerance
    line_search_failed,  ///< no acceptable point on the line; theta is the best one seen
    diverged,            ///< a stochastic method: the cost is no longer finite
  };

  Outcome outcome;
  double cost;  ///< J at the present theta
  /// Infinity norm of the gradient there, whatever norm the tolerance is in; a stochastic method's
  /// of its last batch, not a number at the start.
  double gradient_norm;
  /// How far along the direction theta moved; 0 if it did not. A stochastic method's last rate.
  double step;
  std::int64_t evaluations;       ///< so far: 1 for the start and 1 per new trial, as SciPy counts
  std::int64_t iteration;         ///< how many times theta has moved
  std::optional<double> epoch{};  ///< how many times a stochastic method has seen all rows
};

/// A method that minimises: what the training loop calls, whichever method it is.
///
/// Both calls are collective. How long to go on is the caller's business. After `converged` there
/// is nothing more to gain; after `line_search_failed` hardly anything, though one may try.
class Method {
 public:
  Method() = default;
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;
  virtual ~Method() = default;

  /// Cost and gradient at the starting point, iteration 0. To be called once, first.
  /// @throws Error on every rank if they are not finite.
  virtual Iteration start() = 0;

  /// One iteration: theta moves to a point of lower cost, or stays where none is found. An epoch of
  /// a stochastic method, many moves at once.
  virtual Iteration iterate() = 0;
};

}  // namespace annmpi
