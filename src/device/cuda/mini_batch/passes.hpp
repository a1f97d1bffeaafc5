#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "annmpi/device/mini_batch_device.hpp"

#include "device/cuda/mini_batch/layout.hpp"
#include "device/cuda/mini_batch/losses.hpp"
#include "device/cuda/mini_batch/parameter_memory.hpp"
#include "device/cuda/rows/rows.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Forward and backward passes over rows [first, end) of `rows` in device memory, `first` a
/// multiple of tile_rows.
template <class Traits>
class Passes {
  using Real = typename Traits::Real;
  using Element = typename Traits::Stored;

 public:
  /// For batches of up to facts.rows rows of features of `type`; the parameters must outlive it.
  Passes(const network::Network& network, io::ElementType type, const device::BatchFacts& facts,
         const ParameterMemory<Traits>& parameters, cudaStream_t stream);

  /// Maximum rows of a measuring pass, which needs no deltas.
  [[nodiscard]] int measure_rows() const { return measure_rows_; }
  [[nodiscard]] std::uint64_t bytes() const;

  /// Converts rows to the first layer's operand, and starts a step if `start` has one.
  void take(const ChosenRows& rows, const StepStart<Traits>& start) const;
  /// Forward pass: values of the hidden layers, and logits.
  void up(int rows, int first, int end) const;
  /// Deltas of the last layer from the losses, and those of the layer below l, l > 0.
  void last_deltas(int rows, int first, int end) const;
  void pull_back(std::size_t l, int rows, int first, int end) const;

  /// The inputs of layer l, and its deltas.
  [[nodiscard]] Planes<Element> values(std::size_t l, int rows) const {
    return layout_.values(numbers_.data(), l, rows);
  }
  [[nodiscard]] Planes<Element> deltas(std::size_t l, int rows) const {
    return layout_.deltas(numbers_.data(), l, rows);
  }
  /// Planes of the inputs of layer l.
  [[nodiscard]] int planes_of(std::size_t l) const { return layout_.planes_of(l); }
  /// Scale of the inputs of layer l, applied to products of bytes.
  [[nodiscard]] Real scale(std::size_t l) const {
    return l == 0 && fits_bfloat16(type_) ? static_cast<Real>(feature_scale_) : Real{1};
  }
  [[nodiscard]] LabelledLogits<Real> logits() const;

  /// All values and deltas, which ranks exchange.
  [[nodiscard]] Element* exchanged(int rows) const {
    return numbers_.data() + layout_.inputs_of_row() * rows;
  }
  [[nodiscard]] std::size_t exchanged_bytes(int rows) const {
    return static_cast<std::size_t>(layout_.exchanged_of_row() * rows) * sizeof(Element);
  }

 private:
  /// Where the pre-activations of layer l are kept, or null.
  [[nodiscard]] Real* arguments(std::size_t l) const {
    return arguments_.empty() ? nullptr : arguments_[l].data();
  }

  const ParameterMemory<Traits>& parameters_;
  cudaStream_t stream_;
  rules::Activation activation_;
  rules::OutputUnit output_;
  io::ElementType type_;
  double feature_scale_;
  RowLayout layout_;
  int measure_rows_;
  DeviceBuffer<Element> numbers_;  ///< laid out by layout_
  DeviceBuffer<int> labels_;
  DeviceBuffer<Real> logits_;
  std::vector<DeviceBuffer<Real>> arguments_;  ///< of hidden layers; empty if not kept
};

}  // namespace annmpi::device::cuda::mini_batch
