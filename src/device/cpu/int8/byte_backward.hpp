#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/base/byte_slices.hpp"

#include "device/cpu/int8/sliced_weights.hpp"
#include "device/cpu/int8/transposed_features.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::kernels {

/// Gradient of the first layer over features stored as bytes, sum_i delta_i x_i, in integers.
///
/// The deltas of a unit are split into byte slices (base/byte_slices.hpp) relative to a bound that
/// all rows share. All sums are then sums of integers: exact, hence the same for any chunks,
/// threads and ranks; each is rounded once, in round_to(). Nothing overflows up to
/// byte_slices::most_terms_of_words rows on all ranks.
///
/// One object per thread.
class ByteGradientSums {
 public:
  ByteGradientSums(std::size_t units, std::size_t inputs, config::Precision precision);

  /// Sets all sums to zero and stores the bounds of the units' deltas, |delta_j| <= bounds_j.
  void start(std::span<const double> bounds);

  /// Adds rows [first, first + rows) of X [.., inputs], dense and row-major, with their delta
  /// [rows, units]; `transposed` holds all rows of X, or is null. X must stay valid until finish():
  /// rows are processed in blocks, fastest if the chunks of a thread are contiguous. Allocates
  /// nothing.
  void add(std::span<const std::uint8_t> X, const TransposedFeatures* transposed, std::size_t first,
           std::size_t rows, std::span<const double> delta);

  /// Brings flat() up to date; to be called before flat() is read, by the thread that added.
  void finish();

  /// All sums, to be reduced element by element over threads and ranks: the words of the weights
  /// [words, units, inputs], lowest word first; the low and the high words of the biases, of eight
  /// slices also in mixed precision; and per unit the number of deltas out of bounds.
  [[nodiscard]] std::span<std::int64_t> flat() { return sums_; }
  [[nodiscard]] std::span<const std::int64_t> flat() const { return sums_; }

  /// Rows of [b | W] of the gradient from the sums, those of weights times `feature_scale`. Not a
  /// number for units whose bound was not finite or did not hold.
  void round_to(std::span<double> gradient, double feature_scale) const;

 private:
  void process_rows();
  void slice_deltas(std::size_t first_tile, std::size_t end_tile);
  void spill();
  /// Offset of the biases' low words, followed by their high words and the counts out of bounds.
  [[nodiscard]] std::size_t bias_sums() const {
    return byte_slices::words(slices_) * units_ * inputs_;
  }

  std::size_t units_;
  std::size_t inputs_;
  std::size_t slices_;
  AlignedVector<double> to_whole_;  ///< per unit, padded to whole groups, for eight slices
  AlignedVector<double> from_whole_;
  // Rows not processed yet: [first_, end_) of block_ of X.
  std::span<const std::uint8_t> X_;
  const TransposedFeatures* features_ = nullptr;
  std::size_t block_ = 0;
  std::size_t first_ = 0;
  std::size_t end_ = 0;
  AlignedVector<double> deltas_;            ///< [block rows, padded units]
  AlignedVector<std::int8_t> cut_;          ///< [groups][pairs][row tiles][16][64]
  AlignedVector<std::uint8_t> transposed_;  ///< [row tiles][columns / 16][16][16][4]
  std::size_t rows_in_tiles_ = 0;           ///< since the last spill; tiles_ is undefined while 0
  AlignedVector<std::int32_t> tiles_;       ///< [groups][columns / 16][pairs][16][16]
  bool spilled_ = false;                    ///< the words of the weights are undefined before
  AlignedVector<std::int64_t> sums_;
};

}  // namespace annmpi::device::cpu::kernels
