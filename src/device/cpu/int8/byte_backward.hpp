#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/base/byte_slices.hpp"

#include "device/cpu/int8/sliced_weights.hpp"
#include "device/cpu/int8/transposed_features.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::kernels {

/// The first layer's part of the gradient over features stored as bytes, sum_i delta_i x_i, in
/// integers.
///
/// The deltas are cut into slices relative to a bound of each unit that all rows share
/// (slices.hpp). All sums are then sums of integers: exact, hence the same in any order, whatever
/// the chunks, threads and ranks; each is rounded once, when it is read. So long as there are no
/// more than byte_slices::most_terms_of_words rows on all ranks, nothing overflows.
///
/// The sums of one thread. Only where amx_is_usable().
class ByteGradientSums {
 public:
  ByteGradientSums(std::size_t units, std::size_t inputs, config::Precision precision);

  /// Sets all sums to zero and takes the bounds of the units' deltas, |delta_j| <= bounds_j.
  void start(std::span<const double> bounds);

  /// Adds rows [first, first + rows) of X [.., inputs], dense and row-major, with their delta
  /// [rows, units]; `transposed` are all rows of X, or null. X must stay where it is until
  /// finish(); rows are worked on when there are enough of them, fastest if the chunks of a thread
  /// follow each other. Allocates nothing.
  void add(std::span<const std::uint8_t> X, const TransposedFeatures* transposed, std::size_t first,
           std::size_t rows, std::span<const double> delta);

  /// Brings flat() up to date. Before it is read, and by the thread that added: it is work.
  void finish();

  /// All sums, to be added element by element over threads and ranks: the words of the weights
  /// [words, units, inputs], lowest word first; the lower and the higher words of the biases, in
  /// eight slices also in mixed precision; and per unit how many deltas were not within the bound.
  [[nodiscard]] std::span<std::int64_t> flat() { return sums_; }
  [[nodiscard]] std::span<const std::int64_t> flat() const { return sums_; }

  /// Rows of [b | W] of the gradient from the sums, those of weights times `feature_scale`. Not a
  /// number for units whose bound was not finite or did not hold.
  void round_to(std::span<double> gradient, double feature_scale) const;

 private:
  void work_off_rows();
  void cut_waiting(std::size_t first_tile, std::size_t end_tile);
  void spill();
  /// The sums of the biases' lower words, their higher words, and of deltas out of bounds.
  [[nodiscard]] std::size_t bias_sums() const {
    return byte_slices::words(slices_) * units_ * inputs_;
  }

  std::size_t units_;
  std::size_t inputs_;
  std::size_t slices_;
  AlignedVector<double> to_whole_;  ///< per unit, filled up to whole groups, for eight slices
  AlignedVector<double> from_whole_;
  // Rows that wait to be worked on: [first_, end_) of block_ of X.
  std::span<const std::uint8_t> X_;
  const TransposedFeatures* transposed_features_ = nullptr;
  std::size_t block_ = 0;
  std::size_t first_ = 0;
  std::size_t end_ = 0;
  AlignedVector<double> deltas_;            ///< [block rows, units filled up]
  AlignedVector<std::int8_t> cut_;          ///< [groups][pairs][row tiles][16][64]
  AlignedVector<std::uint8_t> transposed_;  ///< [row tiles][columns / 16][16][16][4]
  std::size_t rows_in_tiles_ = 0;      ///< since the last spill; without any, tiles_ says nothing
  AlignedVector<std::int32_t> tiles_;  ///< [groups][columns / 16][pairs][16][16]
  bool spilled_ = false;               ///< without it, the words of the weights say nothing
  AlignedVector<std::int64_t> sums_;
};

}  // namespace annmpi::device::cpu::kernels
