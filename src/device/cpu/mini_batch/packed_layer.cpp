#include "device/cpu/mini_batch/packed_layer.hpp"

#include <algorithm>

namespace annmpi::device::cpu::mini_batch {

template <class Real>
PackedLayer<Real>::PackedLayer(const network::Layer& layer, bool is_first)
    : inputs_(layer.inputs),
      units_(layer.outputs),
      parameters_(panels() * panel_size()),
      transposed_(is_first ? 0 : units_ * padded(inputs_)) {}

template <class Real>
typename PackedLayer<Real>::Block PackedLayer<Real>::block(std::size_t index) const {
  const std::size_t panel = index / input_blocks();
  const std::size_t first = index % input_blocks() * block_inputs;
  const std::size_t inputs = std::min(block_inputs, inputs_ - first);
  const bool has_biases = first + inputs == inputs_;
  return {panel,
          first,
          inputs,
          has_biases,
          panel * panel_size() + first * width(),
          (inputs + (has_biases ? 1 : 0)) * width()};
}

template <class Real>
void PackedLayer<Real>::transpose(std::size_t input_panel) {
  const std::size_t from_width = width();
  const std::size_t to_width = panel_width(inputs_);
  const std::size_t first = input_panel * to_width;
  const std::size_t inputs = std::min(to_width, inputs_ - first);
  Real* to = transposed_.data() + input_panel * units_ * to_width;
  for (std::size_t q = 0; q < panels(); ++q) {
    const Real* from = panel(q) + first * from_width;
    const std::size_t units = std::min(from_width, units_ - q * from_width);
    for (std::size_t j = 0; j < units; ++j, to += to_width)
      for (std::size_t c = 0; c < inputs; ++c) to[c] = from[c * from_width + j];
  }
}

template <class Real>
void PackedLayer<Real>::pack(std::span<const double> rows) {
  for_each_element({0, blocks()}, [&](std::size_t i, std::size_t at) {
    parameters_[at] = static_cast<Real>(rows[i]);
  });
}

template <class Real>
void PackedLayer<Real>::unpack(std::span<double> rows) const {
  for_each_element({0, blocks()}, [&](std::size_t i, std::size_t at) {
    rows[i] = static_cast<double>(parameters_[at]);
  });
}

template class PackedLayer<float>;
template class PackedLayer<double>;

}  // namespace annmpi::device::cpu::mini_batch
