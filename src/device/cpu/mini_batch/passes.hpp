#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/device/mini_batch_device.hpp"

#include "device/cpu/mini_batch/layer_passes.hpp"
#include "device/cpu/mini_batch/output_losses.hpp"
#include "device/cpu/rows/input_block.hpp"
#include "device/cpu/rows/row_blocks.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::mini_batch {

/// Panels for the values of all layers, `rows` rows each.
template <class Real>
[[nodiscard]] std::vector<kernels::AlignedVector<Real>> make_values(const network::Network& network,
                                                                    std::size_t rows) {
  std::vector<kernels::AlignedVector<Real>> values;
  for (const network::Layer& layer : network.layers)
    values.emplace_back(rows * padded(layer.outputs));
  return values;
}

/// Forward and backward passes of a batch: inputs, values and deltas of all layers. Threads work on
/// different blocks of rows, or of parameters.
template <class Real>
class BatchPasses {
 public:
  /// `network` must outlive it; `parts` is the number of ranks that share a batch.
  BatchPasses(const network::Network& network, const InputFormat& format, std::size_t most_rows,
              std::size_t parts, std::size_t threads);

  [[nodiscard]] RowBlocks& blocks() { return blocks_; }
  [[nodiscard]] const RowBlocks& blocks() const { return blocks_; }

  /// Sets the format of the inputs for the following batches.
  void take_inputs_as(const InputFormat& format) {
    inputs_.assign(inputs_.size(), InputBlock<Real>(format));
  }

  /// Converts the inputs of a row block.
  void fill(std::size_t block, const data::Batch& batch);

  /// Values of layers[l] from those of the layer below; logits for the last layer.
  void forward(std::size_t l, std::size_t block, const PackedLayer<Real>& layer,
               Scratch<Real>& scratch);
  /// Losses and deltas of the last layer from the logits.
  void take_losses(std::size_t block, const data::Batch& batch, OutputLosses& losses);
  /// delta of the layer below layers[l], l > 0.
  void backward(std::size_t l, std::size_t block, const PackedLayer<Real>& layer,
                Scratch<Real>& scratch);
  /// g = the gradient of a block of layers[l]'s parameters, summed over some row blocks.
  void sum_gradient(std::size_t l, const typename PackedLayer<Real>::Block& parameters,
                    data::Range row_blocks, std::span<Real> g);

  /// Values and deltas of layers[l] for the whole batch; those of a part are contiguous.
  [[nodiscard]] std::span<Real> all_values(std::size_t l) { return values_[l]; }
  [[nodiscard]] std::span<Real> all_deltas(std::size_t l) { return deltas_[l]; }

  [[nodiscard]] std::uint64_t bytes() const;

 private:
  [[nodiscard]] Panels<Real> part_of(std::vector<kernels::AlignedVector<Real>>& all, std::size_t l,
                                     const RowBlock& block);
  /// Pre-activations of hidden layer l, where they are kept; else its values, which overwrite them.
  [[nodiscard]] Panels<Real> arguments_of(std::size_t l, const RowBlock& block);

  const network::Network& network_;
  RowBlocks blocks_;
  std::vector<InputBlock<Real>> inputs_;              ///< one per row block
  std::vector<kernels::AlignedVector<Real>> values_;  ///< of layers[l], part after part
  /// Of the hidden layers if derivatives need their arguments, else empty.
  std::vector<kernels::AlignedVector<Real>> arguments_;
  std::vector<kernels::AlignedVector<Real>> deltas_;
};

}  // namespace annmpi::device::cpu::mini_batch
