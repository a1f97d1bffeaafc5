#include "device/cpu/int8/byte_forward.hpp"

#include <algorithm>
#include <cstring>

#include "device/cpu/int8/tile_unit.hpp"

namespace annmpi::device::cpu::kernels {
namespace {

constexpr std::size_t most_rows = 96;  // their features fit into the second-level cache

/// A tile of 16 rows of a block of columns: in X itself, or a copy padded with zeros.
struct Source {
  const std::uint8_t* data;
  std::size_t stride;
};

Source source_of(const std::uint8_t* X, std::size_t inputs, std::size_t row, std::size_t rows,
                 std::size_t column, std::uint8_t* staged) {
  const std::size_t columns = std::min(tile_columns, inputs - column);
  const std::uint8_t* const from = X + row * inputs + column;
  if (columns == tile_columns && row + tile_rows <= rows) return {from, inputs};
  std::memset(staged, 0, tile_bytes);
  for (std::size_t r = 0; r < tile_rows && row + r < rows; ++r)
    std::memcpy(staged + r * tile_columns, from + r * inputs, columns);
  return {staged, tile_columns};
}

}  // namespace
}  // namespace annmpi::device::cpu::kernels

#define ANNMPI_TILE_KERNELS "device/cpu/int8/byte_forward-inl.hpp"
#include "device/cpu/int8/for_each_tile_unit.hpp"

namespace annmpi::device::cpu::kernels {

void byte_forward(std::span<const std::uint8_t> X, std::size_t rows, const SlicedWeights& weights,
                  std::span<double> Z) {
  const auto forward_group = ANNMPI_ON_TILE_UNIT(forward_group);
  const TileConfiguration configuration;
  for (std::size_t first = 0; first < rows; first += most_rows)
    for (std::size_t group = 0; group < weights.groups(); ++group)
      forward_group(X.data() + first * weights.inputs(), std::min(most_rows, rows - first), weights,
                    group, Z.data() + first * weights.units());
}

}  // namespace annmpi::device::cpu::kernels
