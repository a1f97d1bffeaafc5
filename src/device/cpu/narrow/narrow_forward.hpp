#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "device/cpu/simd/aligned_vector.hpp"
#include "device/cpu/simd/precision.hpp"

/// The first layer's forward pass for layers of few units, whose weights all stay in the caches.
namespace annmpi::device::cpu::kernels {

/// A first layer's weights in the order in which the forward pass reads them: per block of 8
/// columns (16 in mixed precision) the block's weights of unit 0, of unit 1, ... The feature scale
/// is folded in, the columns are filled up with zeros to whole blocks. (In theta the rows of
/// parameters may lie a power of two apart, and then fight for the same places in the cache.)
class PackedWeights {
 public:
  PackedWeights(std::size_t units, std::size_t inputs, Precision precision);

  /// Takes the layer's rows of [b | W], units rows of 1 + inputs, at the front of `parameters`.
  /// Packs round(feature_scale * W), rounded once more to float in mixed precision; biases stay
  /// doubles and unscaled.
  void pack(std::span<const double> parameters, double feature_scale);

  [[nodiscard]] std::size_t units() const { return bias_.size(); }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] Precision precision() const { return precision_; }

  [[nodiscard]] std::span<const double> bias() const { return bias_; }
  /// [blocks, units, 8]; empty in mixed precision
  [[nodiscard]] std::span<const double> weights64() const { return weights64_; }
  /// [blocks, units, 16]; empty in double precision
  [[nodiscard]] std::span<const float> weights32() const { return weights32_; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  std::size_t inputs_;
  Precision precision_;
  AlignedVector<double> bias_;
  AlignedVector<double> weights64_;
  AlignedVector<float> weights32_;
};

/// Z = scale X W^T + b: X [rows, inputs] as stored, Z [rows, units], both dense and row-major.
///
/// z_ij = b_j + sum_c x_ic w_jc, where column c is added to partial sum c mod 8 by a fused
/// multiply-add, columns in rising order, and the 8 sums are then added in one fixed order.
/// Mixed precision: x rounded to float, 16 partial sums in float, added up as doubles.
///
/// The bits of a row's result depend on that row and the weights alone: not on the other rows of
/// the call, on the number of rows, nor on the SIMD target. Values that are not finite give NaN or
/// infinities as the formula does.
///
/// Allocates nothing. Any number of units is right; it is fast while the packed weights stay in the
/// caches.
void narrow_forward(std::span<const std::uint8_t> X, std::size_t rows, const PackedWeights& weights,
                    std::span<double> Z);
void narrow_forward(std::span<const float> X, std::size_t rows, const PackedWeights& weights,
                    std::span<double> Z);
void narrow_forward(std::span<const double> X, std::size_t rows, const PackedWeights& weights,
                    std::span<double> Z);

}  // namespace annmpi::device::cpu::kernels
