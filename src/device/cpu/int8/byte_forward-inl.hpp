// The forward pass of a group of units; included once per tile unit (for_each_tile_unit.hpp).

namespace annmpi::device::cpu::kernels::ANNMPI_TILE_UNIT {
namespace {

/// C_0 + 2^8 C_1 + 2^16 C_2 + 2^24 C_3 for eight units; each pointer is a row of sums of a pair of
/// slices.
ANNMPI_TILE_TARGET inline Doubles join_word(const std::int32_t* first, const std::int32_t* second) {
  Doubles sum = doubles_of(first);
  sum = fma(doubles_of(first + 8), splat(0x1p8), sum);
  sum = fma(doubles_of(second), splat(0x1p16), sum);
  return fma(doubles_of(second + 8), splat(0x1p24), sum);
}

/// Micro-kernel: adds the products of 32 rows with two pairs of slices over a block of columns to
/// tiles 0 to 3.
ANNMPI_TILE_TARGET inline void add_block(Tiles& tiles, Source upper, Source lower,
                                         const std::int8_t* first, const std::int8_t* second) {
  tiles.load<4>(upper.data, upper.stride);
  tiles.load<6>(first, 64);
  tiles.add_unsigned_signed<0, 4, 6>();
  tiles.load<7>(second, 64);
  tiles.add_unsigned_signed<1, 4, 7>();
  tiles.load<5>(lower.data, lower.stride);
  tiles.add_unsigned_signed<2, 5, 6>();
  tiles.add_unsigned_signed<3, 5, 7>();
}

/// The sums of the two pairs of slices of a word for 32 rows, to C [row tile][pair][16][16].
ANNMPI_TILE_TARGET void multiply(const std::uint8_t* X, std::size_t rows, std::size_t row,
                                 const SlicedWeights& weights, std::size_t group, std::size_t word,
                                 std::int32_t* C) {
  alignas(64) std::uint8_t staged[2][tile_bytes];
  const std::size_t inputs = weights.inputs();
  const std::size_t whole_blocks = row + 2 * tile_rows <= rows ? inputs / tile_columns : 0;
  const std::int8_t* const first = weights.tile(group, 2 * word, 0);
  const std::int8_t* const second = weights.tile(group, 2 * word + 1, 0);
  Tiles tiles;
  tiles.zero<0>();
  tiles.zero<1>();
  tiles.zero<2>();
  tiles.zero<3>();
  const std::uint8_t* const upper = X + row * inputs;
  for (std::size_t block = 0; block < whole_blocks; ++block) {
    const std::uint8_t* const from = upper + block * tile_columns;
    add_block(tiles, {from, inputs}, {from + tile_rows * inputs, inputs},
              first + block * tile_bytes, second + block * tile_bytes);
  }
  for (std::size_t block = whole_blocks; block < weights.blocks(); ++block) {
    const std::size_t column = block * tile_columns;
    add_block(tiles, source_of(X, inputs, row, rows, column, staged[0]),
              source_of(X, inputs, row + tile_rows, rows, column, staged[1]),
              first + block * tile_bytes, second + block * tile_bytes);
  }
  tiles.store<0>(C);
  tiles.store<1>(C + tile_integers);
  tiles.store<2>(C + 2 * tile_integers);
  tiles.store<3>(C + 3 * tile_integers);
}

ANNMPI_TILE_TARGET void forward_group(const std::uint8_t* X, std::size_t rows,
                                      const SlicedWeights& weights, std::size_t group, double* Z) {
  alignas(64) std::int32_t C[4 * tile_integers];
  alignas(64) double below[most_rows][group_units];
  const std::size_t first_unit = group * group_units;
  const std::size_t units = std::min(group_units, weights.units() - first_unit);
  const Doubles scale = load(weights.scale().data() + first_unit);
  const Doubles bias = load(weights.bias().data() + first_unit);
  const std::size_t words = byte_slices::words(weights.slices());
  for (std::size_t word = 0; word < words; ++word)
    for (std::size_t row = 0; row < rows; row += 2 * tile_rows) {
      multiply(X, rows, row, weights, group, word, C);
      for (std::size_t i = row; i < std::min(rows, row + 2 * tile_rows); ++i) {
        const std::int32_t* const sums =
            C + (i - row) / tile_rows * 2 * tile_integers + (i - row) % tile_rows * 16;
        Doubles whole = join_word(sums, sums + tile_integers);
        if (word > 0) whole = fma(whole, splat(0x1p32), load(below[i]));
        if (word + 1 < words) {
          store(below[i], whole);
          continue;
        }
        store_first(Z + i * weights.units() + first_unit, units, whole * scale + bias);
      }
    }
}

}  // namespace
}  // namespace annmpi::device::cpu::kernels::ANNMPI_TILE_UNIT
