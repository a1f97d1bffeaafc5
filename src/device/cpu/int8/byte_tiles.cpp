#include "device/cpu/int8/byte_tiles.hpp"

#include <algorithm>
#include <array>

#include "annmpi/base/byte_slices.hpp"

#include "device/cpu/int8/sliced_weights.hpp"
#include "device/cpu/int8/tile_unit.hpp"

#define ANNMPI_TILE_KERNELS "device/cpu/int8/byte_tiles-inl.hpp"
#include "device/cpu/int8/for_each_tile_unit.hpp"

namespace annmpi::device::cpu::kernels {

void transpose_features(const std::uint8_t* X, std::size_t stride, std::size_t rows,
                        std::size_t columns, std::uint8_t* tiles, std::size_t next) {
  ANNMPI_ON_TILE_UNIT(transpose_features)(X, stride, rows, columns, tiles, next);
}

void cut_deltas(const double* deltas, std::size_t width, const double* to_whole, std::size_t slices,
                std::int8_t* tiles, std::size_t next, BiasSums& sums) {
  ANNMPI_ON_TILE_UNIT(cut_deltas)(deltas, width, to_whole, slices, tiles, next, sums);
}

Accumulate* accumulate_kernel() {
  return ANNMPI_ON_TILE_UNIT(accumulate);
}

void join_slices(const std::int32_t* tiles, std::size_t next, std::size_t columns, bool add,
                 std::int64_t* words) {
  ANNMPI_ON_TILE_UNIT(join_slices)(tiles, next, columns, add, words);
}

void round_words(const std::int64_t* low, const std::int64_t* high, std::size_t columns,
                 double scale, double feature_scale, double* rounded) {
  ANNMPI_ON_TILE_UNIT(round_words)(low, high, columns, scale, feature_scale, rounded);
}

}  // namespace annmpi::device::cpu::kernels
