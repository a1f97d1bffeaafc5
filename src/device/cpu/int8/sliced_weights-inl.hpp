// Weights as byte slices; included once per tile unit (for_each_tile_unit.hpp).

namespace annmpi::device::cpu::kernels::ANNMPI_TILE_UNIT {
namespace {

/// The largest |scale * value|; infinite or NaN if any element is.
ANNMPI_TILE_TARGET double largest_product(std::span<const double> values, double scale) {
  Integers largest = splat(std::int64_t{0});
  for (std::size_t i = 0; i < values.size(); i += 8) {
    const std::size_t count = std::min<std::size_t>(8, values.size() - i);
    // Magnitudes compare as integers do; infinity and NaN are the largest.
    largest = larger(largest, magnitude_bits(load_first(values.data() + i, count) * splat(scale)));
  }
  return std::bit_cast<double>(largest_lane(largest));
}

/// The slices of `units` units, at most a group, whose rows of [b | W] are 1 + inputs long:
/// SlicedWeights::tile() for one group, pairs `stride` bytes apart.
ANNMPI_TILE_TARGET void pack_group(const double* rows, std::size_t units, std::size_t inputs,
                                   double feature_scale, const double* to_whole, std::size_t pairs,
                                   std::size_t stride, std::int8_t* tiles) {
  const Doubles unit_scale = load(to_whole);
  const Doubles scale = splat(feature_scale);
  for (std::size_t c = 0; c < inputs; c += 4) {
    Integers column[4];
    for (std::size_t n = 0; n < 4; ++n) {
      const Doubles weights =
          load_strided(rows + 1 + c + n, 1 + inputs, c + n < inputs ? units : 0);
      column[n] = slices_of(to_nearest(weights * scale * unit_scale));
    }
    store_quad(column, pairs, stride,
               tiles + c / tile_columns * tile_bytes + c % tile_columns / 4 * 64);
  }
}

}  // namespace
}  // namespace annmpi::device::cpu::kernels::ANNMPI_TILE_UNIT
