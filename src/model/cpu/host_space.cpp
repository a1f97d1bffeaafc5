#include "model/cpu/host_space.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace annmpi::model::cpu {

std::unique_ptr<Vector> HostSpace::zero() const {
  return std::make_unique<HostVector>(dimension_);
}

void HostSpace::copy(const Vector& from, Vector& to) const {
  std::ranges::copy(elements(from), elements(to).begin());
}

void HostSpace::axpy(double a, const Vector& x, Vector& y) const {
  const std::span<const double> from = elements(x);
  const std::span<double> to = elements(y);
  for (std::size_t i = 0; i < dimension_; ++i) to[i] += a * from[i];
}

void HostSpace::linear_combination(std::span<const double> coefficients,
                                   std::span<const Vector* const> vectors, Vector& result) const {
  const std::span<double> out = elements(result);
  for (std::size_t i = 0; i < dimension_; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < vectors.size(); ++k)
      sum += coefficients[k] * elements(*vectors[k])[i];
    out[i] = sum;
  }
}

void HostSpace::multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const {
  for (std::size_t i = 0; i < pairs.size(); ++i)
    dots[i] = dot(elements(*pairs[i].left), elements(*pairs[i].right));
}

double HostSpace::max_abs(const Vector& x) const {
  double largest = 0;
  for (const double value : elements(x)) {
    if (std::isnan(value)) return std::numeric_limits<double>::quiet_NaN();
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

double dot(std::span<const double> x, std::span<const double> y) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{};
  const std::size_t whole = x.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += x[i + lane] * y[i + lane];
  for (std::size_t i = whole; i < x.size(); ++i) sums[i - whole] += x[i] * y[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

}  // namespace annmpi::model::cpu
