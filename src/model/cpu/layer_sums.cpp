#include "model/cpu/layer_sums.hpp"

#include <algorithm>

#include "model/cpu/kernels/wide_layer.hpp"

namespace annmpi::model::cpu {

void LayerSums::clear() {
  std::ranges::fill(sums_, 0.0);
}

std::span<double> LayerSums::open_chunk() {
  if (!exact_) return sums_;
  std::ranges::fill(partial_, 0.0);
  return partial_;
}

void LayerSums::close_chunk(std::span<const UnitSplit> splits) {
  if (!exact_) return;
  const std::span<double> his = std::span(sums_).first(layer_.size());
  const std::span<double> mids = std::span(sums_).subspan(layer_.size());
  const auto add = [&](std::size_t first, std::size_t count, exact_sum::Split split) {
    kernels::add_parts(std::span<const double>(partial_).subspan(first, count), split,
                       his.subspan(first, count), mids.subspan(first, count));
  };
  for (std::size_t j = 0; j < layer_.outputs; ++j) {
    const std::size_t row = j * layer_.row_length();
    add(row, 1, splits[j].bias);
    add(row + 1, layer_.inputs, splits[j].weights);
  }
}

void LayerSums::add(const LayerSums& other) {
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
}

void LayerSums::round_to(std::span<double> gradient) const {
  const std::size_t n = layer_.size();
  for (std::size_t i = 0; i < n; ++i) gradient[i] = exact_ ? sums_[i] + sums_[n + i] : sums_[i];
}

}  // namespace annmpi::model::cpu
