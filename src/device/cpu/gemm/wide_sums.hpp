#pragma once

#include <cstddef>
#include <span>

#include "annmpi/network/gradient_bounds.hpp"
#include "annmpi/network/network.hpp"

#include "device/cpu/gemm/matrix_product.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu {

/// One thread's sums over chunks of the gradient of a wide first layer: delta^T X [outputs, inputs]
/// and then sum_i delta_i [outputs], of the features as stored.
///
/// Products over a chunk are computed in Reals, sums over chunks in doubles. Exact sums are stored
/// as highs followed by lows, or as highs alone; plain sums are one array.
template <class Real>
class WideSums {
 public:
  WideSums(const network::Layer& layer, bool exact, bool lows);

  void clear();

  /// Adds a chunk: X [rows, inputs]; `factors` [rows, outputs] are delta as Reals.
  void add_chunk(std::size_t rows, Matrix<const Real> X, std::span<const double> delta,
                 const Real* factors, std::span<const network::UnitSplit> splits);

  /// All sums, to be reduced over threads and ranks.
  [[nodiscard]] std::span<double> flat() { return sums_; }

  /// gradient = high + low, rounded, for the weights then times `weight_scale`; rows of [b | W].
  void round_to(std::span<double> gradient, double weight_scale) const;

 private:
  [[nodiscard]] std::size_t weights() const { return layer_.outputs * layer_.inputs; }
  void add_weights(std::span<const network::UnitSplit> splits);
  void add_biases(std::size_t rows, std::span<const double> delta,
                  std::span<const network::UnitSplit> splits);

  network::Layer layer_;
  bool exact_;
  bool two_levels_;
  kernels::AlignedVector<double> sums_;
  kernels::AlignedVector<Real> partial_;         ///< delta^T X of a chunk
  kernels::AlignedVector<double> bias_partial_;  ///< sum_i delta_i of a chunk
};

}  // namespace annmpi::device::cpu
