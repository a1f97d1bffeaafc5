#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "annmpi/config/configuration.hpp"

#include "device/cpu/simd/aligned_vector.hpp"

/// Forward pass of a first layer of few units, whose weights all fit into the caches.
namespace annmpi::device::cpu::kernels {

/// A first layer's weights, packed in the order in which the forward pass reads them: per block of
/// 8 columns (16 in mixed precision) the weights of unit 0, of unit 1, ... The feature scale is
/// folded in, and columns are padded with zeros to whole blocks. (In theta the rows of parameters
/// may lie a power of two apart, which causes cache conflicts.)
class PackedWeights {
 public:
  PackedWeights(std::size_t units, std::size_t inputs, config::Precision precision);

  /// Takes the layer's rows of [b | W], units rows of 1 + inputs, at the front of `parameters`.
  /// Packs round(feature_scale * W), rounded once more to float in mixed precision; biases stay
  /// doubles and unscaled.
  void pack(std::span<const double> parameters, double feature_scale);

  [[nodiscard]] std::size_t units() const { return bias_.size(); }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] config::Precision precision() const { return precision_; }

  [[nodiscard]] std::span<const double> bias() const { return bias_; }
  /// [blocks, units, 8] in doubles or [blocks, units, 16] in floats; empty in the other precision
  template <class Real>
  [[nodiscard]] std::span<const Real> weights() const {
    if constexpr (std::is_same_v<Real, double>)
      return weights64_;
    else
      return weights32_;
  }
  [[nodiscard]] std::size_t bytes() const;

 private:
  std::size_t inputs_;
  config::Precision precision_;
  AlignedVector<double> bias_;
  AlignedVector<double> weights64_;
  AlignedVector<float> weights32_;
};

/// Z = scale X W^T + b: X [rows, inputs] as stored (T is a type of features), Z
/// [rows, units], both dense and row-major.
///
/// z_ij = b_j + sum_c x_ic w_jc, where column c is added to partial sum c mod 8 by a fused
/// multiply-add, columns in rising order, and the 8 sums are then added in one fixed order.
/// Mixed precision: x rounded to float, 16 partial sums in float, added up as doubles.
///
/// The bits of a row's result depend on that row and the weights alone: not on the other rows of
/// the call, on the number of rows, nor on the SIMD target. Non-finite values propagate as in the
/// formula.
///
/// Allocates nothing. Correct for any number of units, fast while the packed weights stay in the
/// caches.
template <class T>
void narrow_forward(std::span<const T> X, std::size_t rows, const PackedWeights& weights,
                    std::span<double> Z);

}  // namespace annmpi::device::cpu::kernels
