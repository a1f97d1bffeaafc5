#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annmpi/base/state.hpp"
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

  /// MiniBatchDevice::visit_state() once the stream is idle, with room for parameters in the GPU's
  /// memory.
  void visit_state(StateVisitor& visitor, const DeviceBuffer<double>& theta);

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

  /// Makes room for as many numbers as there are parameters, zeros at first, where there is none.
  void reserve(DeviceBuffer<Real>& buffer);
  /// Makes room for the vectors that updates keep.
  void reserve_states(int states);
  /// Visits the part of such a vector that belongs to a layer.
  void visit_part(StateVisitor& visitor, std::string_view name, const LayerPlace& layer,
                  const DeviceBuffer<Real>& vector) const;

  cudaStream_t stream_;
  ParameterLayout layout_;
  DeviceBuffer<Real> values_;
  DeviceBuffer<Element> operands_;
  DeviceBuffer<Real> first_, second_, gradients_;  ///< empty unless needed
  DeviceBuffer<double> squares_;
  int states_ = 0;  ///< vectors that updates keep, of first_ and second_, since the last take()
  bool clips_ = false;
  bool has_moved_ = false;  ///< since the last prepare_for()
};

}  // namespace annmpi::device::cuda::mini_batch
