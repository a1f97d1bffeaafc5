#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace annmpi {

/// A vector whose elements only its space can access: on a GPU they stay on the device.
class Vector {
 public:
  Vector() = default;
  Vector(const Vector&) = delete;
  Vector& operator=(const Vector&) = delete;
  virtual ~Vector() = default;
};

/// The operands of a dot product, see VectorSpace::multi_dot.
struct DotPair {
  const Vector* left;
  const Vector* right;
};

/// Linear algebra on the vectors of an optimizer (after Trilinos' ROL).
///
/// Every rank holds every vector whole, so these calls do not communicate. A space accepts only
/// vectors that it made. Reading scalars back from a device costs a round trip: request all dot
/// products of a phase in one multi_dot.
class VectorSpace {
 public:
  virtual ~VectorSpace() = default;

  /// Number of elements of each vector.
  [[nodiscard]] virtual std::size_t dimension() const = 0;

  /// A new vector of zeros.
  [[nodiscard]] virtual std::unique_ptr<Vector> zero() const = 0;

  /// Copies the elements to host memory; `to` has dimension() elements.
  virtual void download(const Vector& from, std::span<double> to) const = 0;

  /// Sets all elements from host memory; `from` has dimension() elements.
  virtual void upload(std::span<const double> from, Vector& to) const = 0;

  /// to = from
  virtual void copy(const Vector& from, Vector& to) const = 0;

  /// y = y + a x
  virtual void axpy(double a, const Vector& x, Vector& y) const = 0;

  /// result = sum_i coefficients[i] vectors[i], added in this order; `result` may be among the
  /// vectors.
  virtual void linear_combination(std::span<const double> coefficients,
                                  std::span<const Vector* const> vectors, Vector& result) const = 0;

  /// dots[i] = <pairs[i].left, pairs[i].right>, each summed in one fixed order.
  virtual void multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const = 0;

  /// The infinity norm; NaN if any element is.
  [[nodiscard]] virtual double max_abs(const Vector& x) const = 0;

  /// multi_dot(pairs, dots) and max_abs(x), in one round trip if the space can.
  [[nodiscard]] virtual double multi_dot_and_max_abs(std::span<const DotPair> pairs,
                                                     std::span<double> dots,
                                                     const Vector& x) const {
    multi_dot(pairs, dots);
    return max_abs(x);
  }
};

}  // namespace annmpi
