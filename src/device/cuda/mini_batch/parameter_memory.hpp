#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/rules/parameter_update.hpp"

#include "device/cuda/gemm/epilogues.hpp"
#include "device/cuda/mini_batch/layout.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// The parameters of a network in device memory, as numbers and as operands of products, with the
/// state of the optimizer.
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

  /// Takes theta from device memory and resets the state of the optimizer.
  void take(const double* theta);
  /// Writes theta in device memory.
  void give(double* theta) const;

  /// Allocates what updates of this kind need. True if that changes a step: recorded graphs hold
  /// the old pointers.
  [[nodiscard]] bool prepare_for(const ParameterUpdate& update);
  /// Whether updates need the norm of the whole gradient first.
  [[nodiscard]] bool clips() const { return clips_; }

  [[nodiscard]] Parameters<Traits> all() const;
  [[nodiscard]] Operand<Traits> weights(std::size_t l) const;
  [[nodiscard]] const Real* biases(std::size_t l) const { return values_.data() + layer(l).biases; }

  /// Arguments of the epilogue that stores the gradient of layer l until its norm is known.
  [[nodiscard]] ToGradient<Traits> gradient(std::size_t l,
                                            const ToParameters<Traits>& update) const;
  /// Updates all parameters by the stored gradient.
  void move_by_gradient(const StepNumbers<Real>* step) const;

 private:
  /// Doubles are operands themselves.
  static constexpr bool has_operands = sizeof(Real) != sizeof(Element);

  cudaStream_t stream_;
  ParameterLayout layout_;
  DeviceBuffer<Real> values_;
  DeviceBuffer<Element> operands_;
  DeviceBuffer<Real> first_, second_, gradients_;  ///< empty unless needed
  DeviceBuffer<double> squares_;
  bool clips_ = false;
};

}  // namespace annmpi::device::cuda::mini_batch
