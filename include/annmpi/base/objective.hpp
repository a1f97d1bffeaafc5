#pragma once

#include "annmpi/base/state.hpp"
#include "annmpi/base/vector_space.hpp"

namespace annmpi {

/// phi(step) = J(theta + step p) and its derivative along the direction p.
struct Probe {
  double cost;
  double slope;
};

/// The function that an optimizer minimises: a cost J of parameters theta that the objective owns.
///
/// Along a direction the cost is cheap and the gradient is not: `aim` prepares the line
/// theta + step p once, `probe` returns two scalars per trial, and `gradient_at` is called only
/// for points that the line search may accept.
///
/// Every call is collective: all ranks make the same calls in the same order with the same
/// arguments, and all receive the same results.
class Objective {
 public:
  virtual ~Objective() = default;

  /// The space of theta, of gradients and of directions.
  [[nodiscard]] virtual const VectorSpace& space() const = 0;

  /// Cost and gradient from scratch at the current theta. Discards the direction.
  virtual double evaluate(Vector& gradient) = 0;

  /// Sets the direction p of the calls below. The objective keeps a reference to the vector until
  /// the next `commit` or `aim`; it must neither change nor be destroyed before.
  virtual void aim(const Vector& direction) = 0;

  /// Cost and slope at theta + step p. Values that are not finite are returned unchanged.
  virtual Probe probe(double step) = 0;

  /// The gradient at theta + step p; theta does not change.
  virtual void gradient_at(double step, Vector& gradient) = 0;

  /// theta = theta + step p
  virtual void commit(double step) = 0;

  /// Visits theta and everything that later results depend on, except a direction: call it before
  /// aim() or after the last call for a line. Restoring discards the direction.
  virtual void visit_state(StateVisitor& visitor) = 0;
};

}  // namespace annmpi
