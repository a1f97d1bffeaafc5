// The gradient over bytes, a few tiles at a time (byte_tiles.hpp); included once per tile unit
// (for_each_tile_unit.hpp).

namespace annmpi::device::cpu::kernels::ANNMPI_TILE_UNIT {
namespace {

/// 16 columns of four rows, or fewer of both, padded with zeros, as [16 columns][4 rows].
ANNMPI_TILE_TARGET Integers transposed_edge(const std::uint8_t* from, std::size_t stride,
                                            std::size_t rows, std::size_t columns) {
  std::array<std::uint8_t, 64> staged{};
  for (std::size_t i = 0; i < std::min<std::size_t>(4, rows); ++i)
    std::copy_n(from + i * stride, std::min(columns, columns_of_sums),
                staged.data() + i * columns_of_sums);
  return transposed_quad(staged.data(), columns_of_sums);
}

ANNMPI_TILE_TARGET void transpose_features(const std::uint8_t* X, std::size_t stride,
                                           std::size_t rows, std::size_t columns,
                                           std::uint8_t* tiles, std::size_t next) {
  // Four whole rows at a time: sequential streams suit the hardware prefetcher.
  for (std::size_t row = 0; row < rows_of_tile; row += 4) {
    const std::uint8_t* const from = X + row * stride;
    std::uint8_t* const to = tiles + row / 4 * 64;
    const std::size_t whole = row + 4 <= rows ? columns / columns_of_sums : 0;
    const auto place = [&](std::size_t tile) {
      return to + tile / 2 * next + tile % 2 * tile_bytes;
    };
    for (std::size_t tile = 0; tile < whole; ++tile)
      store(place(tile), transposed_quad(from + tile * columns_of_sums, stride));
    for (std::size_t c = whole * columns_of_sums; c < columns; c += columns_of_sums)
      store(place(c / columns_of_sums),
            transposed_edge(from + c, stride, rows - std::min(rows, row), columns - c));
  }
}

ANNMPI_TILE_TARGET void cut_deltas(const double* deltas, std::size_t width, const double* to_whole,
                                   std::size_t slices, std::int8_t* tiles, std::size_t next,
                                   BiasSums& sums) {
  const Doubles scale = load(to_whole);
  const Doubles to_fewer = splat(slices == 8 ? 1.0 : 0x1p-32);
  const Integers lower = splat(std::int64_t{0xffff'ffff});
  Integers low = splat(std::int64_t{0}), high = low, outside = low;
  Integers cut[group_units][8];  // [unit][rows / 8], bytes [slice][row % 8]
  for (std::size_t eight = 0; eight < 8; ++eight) {
    Integers rows[8];  // bytes [unit][slice]
    for (std::size_t i = 0; i < 8; ++i) {
      const Doubles value = load(deltas + (eight * 8 + i) * width) * scale;
      const Integers q = to_nearest(value);
      outside = count_outside(outside, value, 0x1p62);
      low = low + (q & lower);
      high = high + (q >> 32);
      rows[i] = slices_of(slices == 8 ? q : to_nearest(value * to_fewer));
    }
    transpose(rows);
    for (std::size_t u = 0; u < group_units; ++u) cut[u][eight] = rows_by_slice(rows[u]);
  }
  for (std::size_t u = 0; u < group_units; ++u) {
    transpose(cut[u]);
    for (std::size_t k = 0; k < slices; ++k)
      store(tiles + k / 2 * next + (k % 2 * 8 + u) * 64, cut[u][k]);
  }
  store(sums.low, load(sums.low) + low);
  store(sums.high, load(sums.high) + high);
  store(sums.outside, load(sums.outside) + outside);
}

ANNMPI_TILE_TARGET void accumulate(const std::int8_t* cut, std::size_t cut_next,
                                   const std::uint8_t* transposed, std::size_t transposed_next,
                                   std::size_t count, bool afresh, std::int32_t* C,
                                   std::size_t C_next) {
  Tiles tiles;
  if (afresh) {
    tiles.zero<0>();
    tiles.zero<1>();
    tiles.zero<2>();
    tiles.zero<3>();
  } else {
    tiles.load<0>(C, 64);
    tiles.load<1>(C + tile_integers, 64);
    tiles.load<2>(C + C_next, 64);
    tiles.load<3>(C + C_next + tile_integers, 64);
  }
  for (std::size_t tile = 0; tile < count; ++tile) {
    const std::int8_t* const slices = cut + tile * tile_bytes;
    const std::uint8_t* const columns = transposed + tile * transposed_next;
    tiles.load<4>(slices, 64);
    tiles.load<6>(columns, 64);
    tiles.add_signed_unsigned<0, 4, 6>();
    tiles.load<5>(slices + cut_next, 64);
    tiles.add_signed_unsigned<1, 5, 6>();
    tiles.load<7>(columns + tile_bytes, 64);
    tiles.add_signed_unsigned<2, 4, 7>();
    tiles.add_signed_unsigned<3, 5, 7>();
  }
  tiles.store<0>(C);
  tiles.store<1>(C + tile_integers);
  tiles.store<2>(C + C_next);
  tiles.store<3>(C + C_next + tile_integers);
}

ANNMPI_TILE_TARGET void join_slices(const std::int32_t* tiles, std::size_t next,
                                    std::size_t columns, bool add, std::int64_t* words) {
  for (std::size_t c = 0; c < columns; c += 8) {
    const std::int32_t* const first = tiles + c / columns_of_sums * next + c % columns_of_sums;
    const auto slice = [&](std::size_t k) ANNMPI_TILE_TARGET {
      return integers_of(first + k / 2 * tile_integers + k % 2 * group_units * columns_of_sums);
    };
    Integers sum = slice(0) + (slice(1) << 8) + (slice(2) << 16) + (slice(3) << 24);
    const std::size_t count = std::min<std::size_t>(8, columns - c);
    if (add) sum = sum + load_first(words + c, count);
    store_first(words + c, count, sum);
  }
}

ANNMPI_TILE_TARGET void round_words(const std::int64_t* low, const std::int64_t* high,
                                    std::size_t columns, double scale, double feature_scale,
                                    double* rounded) {
  if (high == nullptr)
    for (std::size_t c = 0; c < columns; ++c)
      rounded[c] = 0x1p32 * scale * static_cast<double>(low[c]);
  else
    for (std::size_t c = 0; c < columns; ++c)
      rounded[c] = scale * byte_slices::value_of(high[c], low[c]);
  for (std::size_t c = 0; c < columns; ++c) rounded[c] *= feature_scale;
}

}  // namespace
}  // namespace annmpi::device::cpu::kernels::ANNMPI_TILE_UNIT
