#include "device/cuda/mini_batch/layout.hpp"

#include <algorithm>
#include <cstddef>

namespace annmpi::device::cuda::mini_batch {
namespace {

/// Limits of a measuring pass.
constexpr long long measure_bytes = 64LL << 20;
constexpr long long most_measure_rows = 8192;

}  // namespace

ParameterLayout::ParameterLayout(const network::Network& network) {
  for (const network::Layer& layer : network.layers) {
    const auto inputs = static_cast<int>(layer.inputs);
    const auto outputs = static_cast<int>(layer.outputs);
    const long long weights = count;
    const long long biases = weights + static_cast<long long>(outputs) * padded(inputs);
    layers.push_back(
        {inputs, outputs, padded(inputs), weights, biases, static_cast<long long>(layer.offset)});
    count = biases + padded(outputs);
  }
}

RowLayout::RowLayout(const ParameterLayout& parameters, int input_planes, int planes)
    : input_planes_(input_planes), planes_(planes) {
  for (const LayerPlace& layer : parameters.layers) {
    value_pitches_.push_back(padded(layer.inputs + 1));
    delta_pitches_.push_back(padded(layer.outputs));
  }
}

long long RowLayout::values_of_row() const {
  long long sum = inputs_of_row();
  for (std::size_t l = 1; l < value_pitches_.size(); ++l)
    sum += static_cast<long long>(planes_) * value_pitches_[l];
  return sum;
}

long long RowLayout::size_of_row() const {
  long long sum = values_of_row();
  for (const int pitch : delta_pitches_) sum += static_cast<long long>(planes_) * pitch;
  return sum;
}

int RowLayout::measure_rows(std::size_t stored_bytes, int unit) const {
  const long long row_bytes = values_of_row() * static_cast<long long>(stored_bytes);
  const long long rows = std::min(most_measure_rows, measure_bytes / row_bytes);
  return static_cast<int>(std::max<long long>(1, rows / unit)) * unit;
}

}  // namespace annmpi::device::cuda::mini_batch
