#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "annmpi/base/vector_space.hpp"

namespace annmpi::device::cpu {

/// A vector in host memory.
class HostVector : public Vector {
 public:
  explicit HostVector(std::size_t dimension) : values(dimension) {}
  std::vector<double> values;
};

/// The elements of a vector of a HostSpace.
[[nodiscard]] inline std::span<const double> elements(const Vector& vector) {
  return static_cast<const HostVector&>(vector).values;
}
[[nodiscard]] inline std::span<double> elements(Vector& vector) {
  return static_cast<HostVector&>(vector).values;
}

/// The vector space in host memory. Every loop adds in one fixed order.
class HostSpace : public VectorSpace {
 public:
  explicit HostSpace(std::size_t dimension) : dimension_(dimension) {}

  [[nodiscard]] std::size_t dimension() const override { return dimension_; }
  [[nodiscard]] std::unique_ptr<Vector> zero() const override;
  void download(const Vector& from, std::span<double> to) const override;
  void upload(std::span<const double> from, Vector& to) const override;
  void copy(const Vector& from, Vector& to) const override;
  void axpy(double a, const Vector& x, Vector& y) const override;
  void linear_combination(std::span<const double> coefficients,
                          std::span<const Vector* const> vectors, Vector& result) const override;
  void multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const override;
  [[nodiscard]] double max_abs(const Vector& x) const override;

 private:
  std::size_t dimension_;
};

}  // namespace annmpi::device::cpu
