#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "annmpi/base/vector_space.hpp"

namespace annmpi::tests {

/// A vector of doubles in host memory, which tests can access.
class HostVector final : public Vector {
 public:
  explicit HostVector(std::vector<double> elements) : values(std::move(elements)) {}
  std::vector<double> values;
};

inline const std::vector<double>& values_of(const Vector& x) {
  return dynamic_cast<const HostVector&>(x).values;
}

inline std::vector<double>& values_of(Vector& x) {
  return dynamic_cast<HostVector&>(x).values;
}

/// A minimal VectorSpace that counts created vectors and computed dots.
class HostVectorSpace final : public VectorSpace {
 public:
  explicit HostVectorSpace(std::size_t dimension) : dimension_(dimension) {}

  [[nodiscard]] std::size_t dimension() const override { return dimension_; }

  [[nodiscard]] std::unique_ptr<Vector> zero() const override {
    ++vectors_made;
    return std::make_unique<HostVector>(std::vector<double>(dimension_));
  }

  void download(const Vector& from, std::span<double> to) const override {
    std::ranges::copy(values_of(from), to.begin());
  }

  void upload(std::span<const double> from, Vector& to) const override {
    std::ranges::copy(from, values_of(to).begin());
  }

  void copy(const Vector& from, Vector& to) const override { values_of(to) = values_of(from); }

  void axpy(double a, const Vector& x, Vector& y) const override {
    for (std::size_t i = 0; i < dimension_; ++i) values_of(y)[i] += a * values_of(x)[i];
  }

  void linear_combination(std::span<const double> coefficients,
                          std::span<const Vector* const> vectors, Vector& result) const override {
    for (std::size_t i = 0; i < dimension_; ++i) {
      double sum = 0.0;
      for (std::size_t k = 0; k < coefficients.size(); ++k)
        sum += coefficients[k] * values_of(*vectors[k])[i];
      values_of(result)[i] = sum;
    }
  }

  void multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const override {
    ++multi_dots;
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      const auto& left = values_of(*pairs[k].left);
      const auto& right = values_of(*pairs[k].right);
      dots[k] = 0.0;
      for (std::size_t i = 0; i < dimension_; ++i) dots[k] += left[i] * right[i];
      ++dots_computed;
    }
  }

  [[nodiscard]] double max_abs(const Vector& x) const override {
    double largest = 0.0;
    for (const double value : values_of(x)) {
      if (std::isnan(value)) return std::numeric_limits<double>::quiet_NaN();
      largest = std::max(largest, std::abs(value));
    }
    return largest;
  }

  mutable int vectors_made = 0;
  mutable int multi_dots = 0;
  mutable int dots_computed = 0;

 private:
  std::size_t dimension_;
};

}  // namespace annmpi::tests
