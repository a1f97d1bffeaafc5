#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/rules/parameter_update.hpp"

#include "cuda/batch/layout.hpp"
#include "cuda/batch/uses.hpp"
#include "cuda/memory.hpp"

namespace annmpi::cuda::batch {

/// The parameters of a network in the GPU's memory, also as products read them, and what updates
/// keep beside each of them.
template <class Numbers>
class ParameterMemory {
  using Real = typename Numbers::Real;
  using Element = typename Numbers::Stored;

 public:
  ParameterMemory(const model::Network& network, cudaStream_t stream);

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

  [[nodiscard]] Parameters<Numbers> all() const;
  [[nodiscard]] Factor<Numbers> weights(std::size_t l) const;
  [[nodiscard]] const Real* biases(std::size_t l) const { return values_.data() + layer(l).biases; }

  /// Where the gradient of layer l waits for its norm.
  [[nodiscard]] ToGradient<Numbers> gradient(std::size_t l,
                                             const ToParameters<Numbers>& update) const;
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

}  // namespace annmpi::cuda::batch
