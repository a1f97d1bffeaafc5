#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/data/partition.hpp"
#include "annmpi/rules/parameter_update.hpp"

#include "device/cpu/mini_batch/packed_layer.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::mini_batch {

/// Updates a contiguous range of a layer's blocks, and stores their state vectors.
template <class Real>
class LayerUpdate {
 public:
  /// `layer` must outlive it.
  LayerUpdate(PackedLayer<Real>& layer, data::Range blocks);

  [[nodiscard]] data::Range blocks() const { return blocks_; }

  /// Allocates so many state vectors, zero at first, which persist from step to step, and the
  /// gradient of all blocks if `keeps_gradient`.
  void make_room(int states, bool keeps_gradient);
  void forget();
  /// Vector 1 or 2 of the state, of the run.
  [[nodiscard]] std::span<Real> state(int vector) { return vector == 1 ? state1_ : state2_; }

  /// Prefetches the parameters of a block for apply().
  void prefetch(std::size_t block) const;
  /// Turns g, the sum over the rows of a batch, into the gradient of a block, with penalty; returns
  /// the largest magnitude.
  double finish(std::size_t block, const ParameterUpdate& update, std::size_t rows,
                std::span<Real> g);
  /// Updates the parameters of a block.
  void apply(std::size_t block, const ParameterUpdate& update, std::span<const Real> g);

  /// Gradients of all blocks, for methods that need them before the first update.
  [[nodiscard]] std::span<Real> kept_gradient(std::size_t block);
  [[nodiscard]] std::span<Real> kept_gradient() { return gradient_; }

  [[nodiscard]] std::uint64_t bytes() const {
    return (state1_.size() + state2_.size() + gradient_.size()) * sizeof(Real);
  }

 private:
  /// Offset of a block within the range.
  [[nodiscard]] std::size_t offset(std::size_t block) const {
    return layer_.block(block).begin - begin_;
  }

  PackedLayer<Real>& layer_;
  data::Range blocks_;
  std::size_t begin_ = 0;  ///< of the range within the layer's parameters
  std::size_t size_ = 0;
  kernels::AlignedVector<Real> state1_;
  kernels::AlignedVector<Real> state2_;
  kernels::AlignedVector<Real> gradient_;
};

}  // namespace annmpi::device::cpu::mini_batch
