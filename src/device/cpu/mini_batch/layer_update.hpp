#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/data/partition.hpp"
#include "annmpi/rules/parameter_update.hpp"

#include "device/cpu/mini_batch/packed_layer.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::mini_batch {

/// The updates of a run of a layer's blocks, and the state that they keep for these alone.
template <class Real>
class LayerUpdate {
 public:
  /// `layer` must outlive it.
  LayerUpdate(PackedLayer<Real>& layer, data::Range blocks);

  [[nodiscard]] data::Range blocks() const { return blocks_; }

  /// Room for the state of updates that have so many vectors, zeros at first; kept from one step to
  /// the next. And for the gradient of all blocks, where it is to be kept.
  void make_room(int states, bool keeps_gradient);
  void forget();
  /// Vector 1 or 2 of the state, of the run.
  [[nodiscard]] std::span<Real> state(int vector) { return vector == 1 ? state1_ : state2_; }

  /// Asks for the parameters of a block, which apply() will move soon.
  void prefetch(std::size_t block) const;
  /// Makes the gradient of a block from g, the sum over the rows of a batch, and adds the penalty;
  /// returns the largest element.
  double finish(std::size_t block, const ParameterUpdate& update, std::size_t rows,
                std::span<Real> g);
  /// Moves the parameters of a block.
  void apply(std::size_t block, const ParameterUpdate& update, std::span<const Real> g);

  /// For what needs the gradient of all blocks before the first of them moves.
  [[nodiscard]] std::span<Real> kept_gradient(std::size_t block);
  [[nodiscard]] std::span<Real> kept_gradient() { return gradient_; }

  [[nodiscard]] std::uint64_t bytes() const {
    return (state1_.size() + state2_.size() + gradient_.size()) * sizeof(Real);
  }

 private:
  /// Where a block begins within the run.
  [[nodiscard]] std::size_t offset(std::size_t block) const {
    return layer_.block(block).begin - begin_;
  }

  PackedLayer<Real>& layer_;
  data::Range blocks_;
  std::size_t begin_ = 0;  ///< of the run within the layer's parameters
  std::size_t size_ = 0;
  kernels::AlignedVector<Real> state1_;
  kernels::AlignedVector<Real> state2_;
  kernels::AlignedVector<Real> gradient_;
};

}  // namespace annmpi::device::cpu::mini_batch
