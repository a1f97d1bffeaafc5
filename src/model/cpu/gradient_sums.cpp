#include "model/cpu/gradient_sums.hpp"

#include <algorithm>

namespace annmpi::model::cpu {
namespace {

void add_parts(std::span<const double> values, exact_sum::Split split, std::span<double> his,
               std::span<double> mids) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const exact_sum::Parts parts = exact_sum::parts_of(values[i], split);
    his[i] += parts.hi;
    mids[i] += parts.mid;
  }
}

}  // namespace

void GradientSums::clear() {
  std::ranges::fill(sums_, 0.0);
}

std::span<double> GradientSums::open_chunk() {
  if (!exact_) return sums_;
  std::ranges::fill(partial_, 0.0);
  return partial_;
}

void GradientSums::close_chunk(std::span<const UnitSplit> splits) {
  if (!exact_) return;
  const std::span<double> his = std::span(sums_).first(network_.parameters());
  const std::span<double> mids = std::span(sums_).subspan(network_.parameters());
  std::size_t unit = 0;
  for (const Layer& layer : network_.layers) {
    for (std::size_t j = 0; j < layer.outputs; ++j, ++unit) {
      const std::size_t row = layer.offset + j * layer.row_length();
      const auto add = [&](std::size_t first, std::size_t count, exact_sum::Split split) {
        add_parts(std::span<const double>(partial_).subspan(first, count), split,
                  his.subspan(first, count), mids.subspan(first, count));
      };
      add(row, 1, splits[unit].bias);
      add(row + 1, layer.inputs, splits[unit].weights);
    }
  }
}

void GradientSums::add(const GradientSums& other) {
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
}

void GradientSums::round_to(std::span<double> gradient) const {
  const std::size_t n = network_.parameters();
  if (!exact_) {
    std::copy_n(sums_.begin(), n, gradient.begin());
    return;
  }
  for (std::size_t i = 0; i < n; ++i) gradient[i] = sums_[i] + sums_[n + i];
}

}  // namespace annmpi::model::cpu
