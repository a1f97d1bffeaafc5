#pragma once

#include <cstddef>
#include <span>

#include "annmpi/base/exact_sum.hpp"
#include "annmpi/config/configuration.hpp"

#include "device/cpu/simd/aligned_vector.hpp"

/// Gradient of a first layer of few units.
namespace annmpi::device::cpu::kernels {

enum class Summation {
  exact,        ///< the same bits in any order of chunks: highs and lows (base/exact_sum)
  exact_highs,  ///< the same with highs alone: half the memory and half the data to reduce
  plain,        ///< ordinary additions in the order of the chunks
};

/// Sums over chunks of delta^T X [units, inputs] and of sum_i delta_i [units], of one thread.
///
/// Stored as one flat array of doubles, so that threads and ranks are reduced element by element:
/// per block of 8 columns the block of unit 0, of unit 1, ..., columns padded with zeros to whole
/// blocks; then the units' bias sums, padded to a multiple of 8. With lows the array holds all
/// highs and then all lows.
///
/// The partial sums of a chunk are those of the features as stored: feature_scale is applied once,
/// when the sums are unpacked. The bounds must therefore be of the unscaled values:
/// |sum_i delta_ij x_ic| <= rows of a chunk * max |delta_j| * max |x|, with room for rounding:
/// times 1 + 2^-20, and in mixed precision times 1 + rows * 2^-22.
class GradientSums {
 public:
  GradientSums(std::size_t units, std::size_t inputs, config::Precision precision,
               Summation summation);

  /// Sets all sums to zero and stores the splits, one per unit for its weights and one for its
  /// bias. Plain sums need none: both may be empty.
  void start(std::span<const exact_sum::Split> weights, std::span<const exact_sum::Split> biases);

  /// The whole accumulator, to be added element by element to that of other threads and ranks.
  [[nodiscard]] std::span<double> flat() { return sums_; }
  [[nodiscard]] std::span<const double> flat() const { return sums_; }

  /// rows of [b | W] in theta's order, units rows of 1 + inputs, at the front of `gradient`:
  /// high + low, rounded, then for the weights times `feature_scale`, rounded. Overwrites.
  void unpack(double feature_scale, std::span<double> gradient) const;

  [[nodiscard]] std::size_t units() const { return units_; }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] config::Precision precision() const { return precision_; }
  [[nodiscard]] Summation summation() const { return summation_; }
  [[nodiscard]] std::size_t bytes() const { return sums_.size() * sizeof(double); }

  /// For the kernels; lows() is empty where highs alone are kept.
  [[nodiscard]] std::span<double> highs() { return std::span(sums_).first(level_); }
  [[nodiscard]] std::span<double> lows() { return std::span(sums_).subspan(level_); }
  [[nodiscard]] std::span<const exact_sum::Split> weight_splits() const { return weight_splits_; }
  [[nodiscard]] std::span<const exact_sum::Split> bias_splits() const { return bias_splits_; }
  /// Where the bias sums begin in a level.
  [[nodiscard]] std::size_t bias_offset() const { return bias_offset_; }

 private:
  std::size_t units_;
  std::size_t inputs_;
  config::Precision precision_;
  Summation summation_;
  std::size_t bias_offset_;
  std::size_t level_;  ///< doubles in one level: highs or lows
  AlignedVector<double> sums_;
  AlignedVector<exact_sum::Split> weight_splits_;
  AlignedVector<exact_sum::Split> bias_splits_;
};

/// Scratch memory of narrow_backward, one per thread, for chunks of at most `chunk_rows` rows.
struct BackwardWorkspace {
  BackwardWorkspace(std::size_t units, std::size_t chunk_rows, config::Precision precision);

  AlignedVector<float> delta;       ///< [chunk_rows, units], mixed precision only
  AlignedVector<std::byte> stripe;  ///< some columns of the chunk's features, staged
};

/// Adds one chunk's delta^T X and sum_i delta_i to `sums`: X [rows, inputs] as stored (T is
/// a type of features), delta [rows, units], both dense and row-major.
///
/// Every element of the chunk's partial sum is one chain of fused multiply-adds over the rows,
/// first to last, from zero: its bits depend on the chunk alone, not on the SIMD target. It is then
/// split (or just added, with plain sums). Mixed precision: delta and x rounded to float, the
/// chain in float, its end widened to double; bias sums are in double in both.
///
/// Allocates nothing. Fast for chunks that stay in the second-level cache.
template <class T>
void narrow_backward(std::span<const T> X, std::size_t rows, std::span<const double> delta,
                     GradientSums& sums, BackwardWorkspace& workspace);

}  // namespace annmpi::device::cpu::kernels
