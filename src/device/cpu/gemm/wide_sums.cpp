#include "device/cpu/gemm/wide_sums.hpp"

#include <algorithm>

#include "device/cpu/gemm/wide_layer.hpp"

namespace annmpi::device::cpu {

template <class Real>
WideSums<Real>::WideSums(const network::Layer& layer, bool exact, bool lows)
    : layer_(layer),
      exact_(exact),
      two_levels_(exact && lows),
      sums_(layer.size() * (two_levels_ ? 2 : 1)),
      partial_(weights()),
      bias_partial_(layer.outputs) {}

template <class Real>
void WideSums<Real>::clear() {
  std::ranges::fill(sums_, 0.0);
}

template <class Real>
void WideSums<Real>::add_chunk(std::size_t rows, Matrix<const Real> X,
                               std::span<const double> delta, const Real* factors,
                               std::span<const network::UnitSplit> splits) {
  set_product_tn<Real>(layer_.outputs, layer_.inputs, rows, {factors, layer_.outputs}, X,
                       {partial_.data(), layer_.inputs});
  add_weights(splits);
  add_biases(rows, delta, splits);
}

template <class Real>
void WideSums<Real>::add_weights(std::span<const network::UnitSplit> splits) {
  const std::size_t d = layer_.inputs;
  const auto highs = std::span(sums_).first(weights());
  if (!exact_) {
    for (std::size_t i = 0; i < highs.size(); ++i) highs[i] += static_cast<double>(partial_[i]);
    return;
  }
  for (std::size_t j = 0; j < layer_.outputs; ++j)
    kernels::add_parts(
        std::span<const Real>(partial_).subspan(j * d, d), splits[j].weights,
        highs.subspan(j * d, d),
        two_levels_ ? std::span(sums_).subspan(layer_.size() + j * d, d) : std::span<double>());
}

template <class Real>
void WideSums<Real>::add_biases(std::size_t rows, std::span<const double> delta,
                                std::span<const network::UnitSplit> splits) {
  const std::size_t units = layer_.outputs;
  std::ranges::fill(bias_partial_, 0.0);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < units; ++j) bias_partial_[j] += delta[i * units + j];
  const auto sums = std::span(sums_).subspan(weights());
  for (std::size_t j = 0; j < units; ++j) {
    if (!exact_) {
      sums[j] += bias_partial_[j];
      continue;
    }
    const exact_sum::Parts parts = exact_sum::parts_of(bias_partial_[j], splits[j].bias);
    sums[j] += parts.high;
    if (two_levels_) sums[layer_.size() + j] += parts.low;
  }
}

template <class Real>
void WideSums<Real>::round_to(std::span<double> gradient, double weight_scale) const {
  const auto sum = [&](std::size_t i) {
    return two_levels_ ? sums_[i] + sums_[layer_.size() + i] : sums_[i];
  };
  for (std::size_t j = 0; j < layer_.outputs; ++j) {
    const std::span<double> row = gradient.subspan(j * layer_.row_length(), layer_.row_length());
    row[0] = sum(weights() + j);
    for (std::size_t c = 0; c < layer_.inputs; ++c)
      row[1 + c] = weight_scale * sum(j * layer_.inputs + c);
  }
}

template class WideSums<float>;
template class WideSums<double>;

}  // namespace annmpi::device::cpu
