#include "device/cpu/layers/layer_sums.hpp"

#include <algorithm>

#include "device/cpu/gemm/wide_layer.hpp"

namespace annmpi::device::cpu {

template <class Real>
void LayerSums<Real>::clear() {
  std::ranges::fill(sums_, 0.0);
}

template <class Real>
std::span<Real> LayerSums<Real>::open_chunk() {
  if constexpr (!in_floats)
    if (!exact_) return sums_;
  std::ranges::fill(partial_, Real(0));
  return partial_;
}

template <class Real>
void LayerSums<Real>::close_chunk(std::span<const network::UnitSplit> splits) {
  if (!exact_) {
    if constexpr (in_floats)
      for (std::size_t i = 0; i < partial_.size(); ++i)
        sums_[i] += static_cast<double>(partial_[i]);
    return;
  }
  const std::span<double> highs = std::span(sums_).first(layer_.size());
  const std::span<double> lows = std::span(sums_).subspan(layer_.size());
  const auto add = [&](std::size_t first, std::size_t count, exact_sum::Split split) {
    kernels::add_parts(std::span<const Real>(partial_).subspan(first, count), split,
                       highs.subspan(first, count), lows.subspan(first, count));
  };
  for (std::size_t j = 0; j < layer_.outputs; ++j) {
    const std::size_t row = j * layer_.row_length();
    add(row, 1, splits[j].bias);
    add(row + 1, layer_.inputs, splits[j].weights);
  }
}

template <class Real>
void LayerSums<Real>::add(const LayerSums<Real>& other) {
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
}

template <class Real>
void LayerSums<Real>::round_to(std::span<double> gradient) const {
  const std::size_t n = layer_.size();
  for (std::size_t i = 0; i < n; ++i) gradient[i] = exact_ ? sums_[i] + sums_[n + i] : sums_[i];
}

template class LayerSums<double>;
template class LayerSums<float>;

}  // namespace annmpi::device::cpu
