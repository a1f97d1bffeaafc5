#include "device/cpu/full_batch/host_space.hpp"

#include <algorithm>
#include <array>

#include "device/cpu/gemm/dot.hpp"
#include "device/cpu/simd/vectors.hpp"

namespace annmpi::device::cpu {

std::unique_ptr<Vector> HostSpace::zero() const {
  return std::make_unique<HostVector>(dimension_);
}

void HostSpace::download(const Vector& from, std::span<double> to) const {
  std::ranges::copy(elements(from), to.begin());
}

void HostSpace::upload(std::span<const double> from, Vector& to) const {
  std::ranges::copy(from, elements(to).begin());
}

void HostSpace::copy(const Vector& from, Vector& to) const {
  std::ranges::copy(elements(from), elements(to).begin());
}

void HostSpace::axpy(double a, const Vector& x, Vector& y) const {
  kernels::add_scaled(a, elements(x), elements(y));
}

void HostSpace::linear_combination(std::span<const double> coefficients,
                                   std::span<const Vector* const> vectors, Vector& result) const {
  // In blocks, since `result` may be one of the vectors.
  constexpr std::size_t block = 512;
  std::array<double, block> sums{};
  const std::span<double> out = elements(result);
  for (std::size_t first = 0; first < dimension_; first += block) {
    const std::size_t count = std::min(block, dimension_ - first);
    sums.fill(0.0);
    for (std::size_t k = 0; k < vectors.size(); ++k)
      kernels::add_scaled(coefficients[k], elements(*vectors[k]).subspan(first, count),
                          std::span(sums).first(count));
    std::copy_n(sums.begin(), count, out.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

void HostSpace::multi_dot(std::span<const DotPair> pairs, std::span<double> dots) const {
  std::array<kernels::DotTerms, kernels::most_dots> terms;
  for (std::size_t first = 0; first < pairs.size(); first += terms.size()) {
    const std::size_t count = std::min(terms.size(), pairs.size() - first);
    for (std::size_t i = 0; i < count; ++i)
      terms[i] = {elements(*pairs[first + i].left).data(),
                  elements(*pairs[first + i].right).data()};
    kernels::fixed_order_dots(std::span(terms).first(count), dimension_,
                              dots.subspan(first, count));
  }
}

double HostSpace::max_abs(const Vector& x) const {
  return kernels::largest_magnitude(elements(x));
}

}  // namespace annmpi::device::cpu
