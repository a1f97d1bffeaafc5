#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/rules/parameter_update.hpp"

#include "device/cuda/gemm/epilogues.hpp"
#include "device/cuda/mini_batch/layout.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// The parameters of a network in the GPU's memory, also as products read them, and what updates
/// keep beside each of them.
template <class Traits>
class ParameterMemory {
  using Real = typename Traits::Real;
  using Element = typename Traits::Stored;

 public:
  ParameterMemory(const network::Network& network, cudaStream_t stream);

  [[nodiscard]] const ParameterLayout& layout() const { return layout_; }
  [[nodiscard]] std::size_t depth() const { return layout_.layers.size(); }
  [[nodiscard]] const LayerPlace& layer(std::size_t l) const { return layout_.layers[l]; }
  [[nodiscard]] std::uint64_t bytes() const;

  /// From theta in the GPU's memory; forgets what updates left behind.
  void take(const double* theta);
  /// Into theta in the GPU's memory.
  void give(double* theta) const;

  /// Makes room for what updates of this kind need. True where a step is another one from now on:
  /// what was recorded holds on to where things lay.
  [[nodiscard]] bool prepare_for(const ParameterUpdate& update);
  /// Whether they need the norm of the whole gradient first.
  [[nodiscard]] bool clips() const { return clips_; }

  [[nodiscard]] Parameters<Traits> all() const;
  [[nodiscard]] Factor<Traits> weights(std::size_t l) const;
  [[nodiscard]] const Real* biases(std::size_t l) const { return values_.data() + layer(l).biases; }

  /// Where the gradient of layer l waits for its norm.
  [[nodiscard]] ToGradient<Traits> gradient(std::size_t l,
                                            const ToParameters<Traits>& update) const;
  /// All parameters move by the gradient that waits.
  void move_by_gradient(const StepNumbers<Real>* step) const;

 private:
  /// Doubles are what products read.
  static constexpr bool has_parts = sizeof(Real) != sizeof(Element);

  cudaStream_t stream_;
  ParameterLayout layout_;
  DeviceBuffer<Real> values_;
  DeviceBuffer<Element> parts_;
  DeviceBuffer<Real> first_, second_, gradients_;  ///< where they are needed
  DeviceBuffer<double> squares_;
  bool clips_ = false;
};

}  // namespace annmpi::device::cuda::mini_batch
