#pragma once

#include <cstddef>
#include <cstdint>

#include "device/cuda/int8/byte_layout.cuh"
#include "device/cuda/layers/bounds.hpp"
#include "device/cuda/runtime/launch.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

struct Finish;
template <int Slices>
struct RoundedBytes;

/// The passes over features stored as bytes, in integers (docs/decisions/0006): the pre-activations
/// of the first layer and its part of the gradient. The same bits as on CPUs with matrix units.
class ByteLayer {
 public:
  /// `slices` that stand for a double: 8, or 4 in mixed precision. Up to `few_rows` rows the warps
  /// of a block share sums, so that all multiprocessors have work: a matter of speed alone.
  ByteLayer(int units, int inputs, int slices, cudaStream_t stream,
            long long few_rows = 128 * enough_blocks);

  /// Takes the layer's rows of [b | W] for the forward passes that follow.
  void pack(const double* parameters, double feature_scale);

  /// Z [rows, units] = X W^T + b
  void forward(const ByteRows& X, double* Z) {
    forward({X, Z}, {{nullptr, 0, inputs_, 0}, nullptr});
  }
  /// The same for two sets of rows at once.
  void forward(const ForwardSet& set, const ForwardSet& other);

  /// Sets all sums to zero. `bounds` of the units' deltas lie `stride` doubles apart.
  void start(const double* bounds, int stride);

  /// The same in parts: the sums of products alone, and what else bound_units() sets.
  void clear();
  [[nodiscard]] SliceStart slice_start() const { return {delta_scales_.data(), biases()}; }

  /// Adds [sum_i delta_i | delta^T X]; delta [rows, units].
  void add(const ByteRows& X, const double* delta);

  /// All sums, to be added over ranks: as device::cpu::kernels::ByteGradientSums has them.
  [[nodiscard]] std::int64_t* sums() const { return sums_.data(); }
  [[nodiscard]] std::size_t sums_count() const { return sums_.size(); }

  /// Rows of [b | W] of the gradient.
  void round_to(double* gradient, double feature_scale);
  /// The whole gradient, and zeros in the place of the sums of products.
  void finish(const Finish& finish, double feature_scale);

 private:
  template <int Slices>
  void forward_by(const ForwardSet& set, const ForwardSet& other);
  template <int Slices>
  [[nodiscard]] RoundedBytes<Slices> rounded(double feature_scale) const;
  template <int Slices>
  void add_by(const ByteRows& X, const double* delta);
  [[nodiscard]] long long* words() const { return reinterpret_cast<long long*>(sums_.data()); }
  [[nodiscard]] BiasSums biases() const;

  int units_;
  int inputs_;
  int slices_;
  cudaStream_t stream_;
  long long few_rows_;
  DeviceBuffer<std::uint8_t> weights_;  ///< slices, as byte_slices.cuh lays them out
  DeviceBuffer<UnitScale> scales_;
  DeviceBuffer<byte_slices::Scale> delta_scales_;
  DeviceBuffer<std::uint8_t> cut_;  ///< slices of deltas
  DeviceBuffer<std::int64_t> sums_;
};

}  // namespace annmpi::device::cuda
