#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/data/partition.hpp"
#include "annmpi/network/network.hpp"

#include "device/cpu/gemm/panels.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::mini_batch {

/// The parameters of a layer packed for panel products: panels of units, each with one row per
/// input and a last row of biases. Padding units of the last panel have parameters 0, which stay 0.
///
/// A block holds the parameters of one panel of units and up to 32 inputs; the last block of a
/// panel also holds the biases. Blocks are contiguous and consecutive in memory, each is updated as
/// a whole, and the blocks of a layer are divided among threads and ranks.
template <class Real>
class PackedLayer {
 public:
  /// Inputs of a block: a panel of the layer below.
  static constexpr std::size_t block_inputs = wide_panel;

  struct Block {
    std::size_t panel;  ///< of units
    std::size_t first_input;
    std::size_t inputs;
    bool has_biases;
    std::size_t begin;  ///< offset within parameters()
    std::size_t size;
  };

  PackedLayer(const network::Layer& layer, bool is_first);

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t units() const { return units_; }
  /// Elements of [b | W].
  [[nodiscard]] std::size_t size() const { return units_ * (inputs_ + 1); }
  [[nodiscard]] std::size_t width() const { return panel_width(units_); }
  [[nodiscard]] std::size_t panels() const { return panels_of(units_); }
  [[nodiscard]] std::size_t input_blocks() const {
    return (inputs_ + block_inputs - 1) / block_inputs;
  }
  [[nodiscard]] std::size_t blocks() const { return panels() * input_blocks(); }
  [[nodiscard]] Block block(std::size_t index) const;

  [[nodiscard]] std::span<Real> parameters() { return parameters_; }
  [[nodiscard]] std::span<const Real> parameters() const { return parameters_; }
  /// [inputs, width], then a row of biases.
  [[nodiscard]] const Real* panel(std::size_t index) const {
    return parameters_.data() + index * panel_size();
  }
  [[nodiscard]] const Real* biases(std::size_t panel_index) const {
    return panel(panel_index) + inputs_ * width();
  }

  /// W^T for the backward pass, in panels of inputs: row j of panel p holds the weights of unit j
  /// for the inputs of that panel. Empty in the first layer.
  [[nodiscard]] const Real* transposed(std::size_t input_panel) const {
    return transposed_.data() + input_panel * units_ * panel_width(inputs_);
  }
  [[nodiscard]] std::size_t transposed_panels() const {
    return transposed_.empty() ? 0 : panels_of(inputs_);
  }
  /// Updates a panel of transposed().
  void transpose(std::size_t input_panel);

  /// Calls element(i, at) for all elements of some blocks, in the order of the layer's rows of
  /// [b | W] in theta: element i of these lies at parameters()[at].
  template <class Element>
  void for_each_element(data::Range blocks, Element&& element) const;

  /// Converts from and to the layer's rows of [b | W] in theta.
  void pack(std::span<const double> rows);
  void unpack(std::span<double> rows) const;

  [[nodiscard]] std::uint64_t bytes() const {
    return (parameters_.size() + transposed_.size()) * sizeof(Real);
  }

 private:
  [[nodiscard]] std::size_t panel_size() const { return (inputs_ + 1) * width(); }
  [[nodiscard]] std::size_t index_of(std::size_t unit, std::size_t input) const {
    return unit / width() * panel_size() + input * width() + unit % width();
  }

  std::size_t inputs_;
  std::size_t units_;
  kernels::AlignedVector<Real> parameters_;
  kernels::AlignedVector<Real> transposed_;
};

template <class Real>
template <class Element>
void PackedLayer<Real>::for_each_element(data::Range blocks, Element&& element) const {
  for (std::size_t first = blocks.begin; first < blocks.end;) {
    const std::size_t panel_index = first / input_blocks();
    const std::size_t end = std::min<std::size_t>(blocks.end, (panel_index + 1) * input_blocks());
    const std::size_t begin_input = block(first).first_input;
    const Block last = block(end - 1);
    const std::size_t end_input = last.first_input + last.inputs;
    const std::size_t end_unit = std::min(units_, (panel_index + 1) * width());
    for (std::size_t j = panel_index * width(); j < end_unit; ++j) {
      const std::size_t row = j * (inputs_ + 1);
      if (last.has_biases) element(row, index_of(j, inputs_));
      for (std::size_t c = begin_input; c < end_input; ++c) element(row + 1 + c, index_of(j, c));
    }
    first = end;
  }
}

}  // namespace annmpi::device::cpu::mini_batch
