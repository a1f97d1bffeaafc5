#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "device/cpu/int8/byte_tiles.hpp"
#include "device/cpu/int8/sliced_weights.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::kernels {

/// Features stored as bytes, transposed for the gradient of the first layer (byte_backward.hpp):
/// [blocks of rows][pairs of column tiles][row tiles][2][quads of rows][16 columns][4 rows], padded
/// with zeros. As large as the features themselves.
class TransposedFeatures {
 public:
  /// Rows of a block: many amortise loads and stores of the tiles of sums, few keep the slices of a
  /// group of units in the first-level cache. Of 128 to 1024, 512 was the fastest for 8, 16 and 25
  /// units.
  static constexpr std::size_t block_rows = 512;
  static constexpr std::size_t row_tiles = block_rows / rows_of_tile;
  /// Bytes of a pair of column tiles of one row tile.
  static constexpr std::size_t pair_bytes = 2 * columns_of_sums * rows_of_tile;

  /// Memory for `rows` rows.
  [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t rows, std::size_t inputs) {
    return (rows + block_rows - 1) / block_rows * block_rows * column_blocks(inputs) * tile_columns;
  }

  TransposedFeatures(std::size_t rows, std::size_t inputs);

  /// Transposes block `block` of X [rows, inputs]. Blocks may be transposed by different threads.
  void transpose(std::span<const std::uint8_t> X, std::size_t block);

  [[nodiscard]] std::size_t blocks() const { return (rows_ + block_rows - 1) / block_rows; }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }
  /// The two column tiles from `column` on of row tile 0 of a block; those of the next row tile
  /// follow pair_bytes later.
  [[nodiscard]] const std::uint8_t* tiles(std::size_t block, std::size_t column) const {
    return bytes_.data() + block * block_bytes_ +
           column / (2 * columns_of_sums) * row_tiles * pair_bytes;
  }

 private:
  std::size_t rows_;
  std::size_t inputs_;
  std::size_t block_bytes_;
  AlignedVector<std::uint8_t> bytes_;
};

}  // namespace annmpi::device::cpu::kernels
