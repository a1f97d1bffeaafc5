#include "device/cpu/int8/transposed_features.hpp"

#include <algorithm>

namespace annmpi::device::cpu::kernels {

TransposedFeatures::TransposedFeatures(std::size_t rows, std::size_t inputs)
    : rows_(rows),
      inputs_(inputs),
      block_bytes_(block_rows * column_blocks(inputs) * tile_columns),
      bytes_(bytes_for(rows, inputs)) {}

void TransposedFeatures::transpose(std::span<const std::uint8_t> X, std::size_t block) {
  std::uint8_t* const to = bytes_.data() + block * block_bytes_;
  const std::size_t first = block * block_rows;
  const std::size_t rows = std::min(block_rows, rows_ - first);
  for (std::size_t row = 0; row < rows; row += rows_of_tile)
    transpose_features(X.data() + (first + row) * inputs_, inputs_,
                       std::min(rows_of_tile, rows - row), inputs_,
                       to + row / rows_of_tile * pair_bytes, row_tiles * pair_bytes);
}

}  // namespace annmpi::device::cpu::kernels
