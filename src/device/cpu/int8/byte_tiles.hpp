#pragma once

#include <cstddef>
#include <cstdint>

/// What the first layer's gradient over bytes (byte_backward.hpp) is made of, a few tiles at a
/// time. Only where amx_is_usable(); accumulate() with tiles configured in their full size.
namespace annmpi::device::cpu::kernels {

/// Rows of a tile of slices.
inline constexpr std::size_t rows_of_tile = 64;
/// Columns of a tile of sums.
inline constexpr std::size_t columns_of_sums = 16;

/// At most 64 rows of some columns as tiles of 16 columns, [quads of rows][16 columns][4 rows], in
/// pairs that lie one behind the other, the pairs `next` bytes apart; filled up with zeros. The
/// rows of X lie `stride` bytes apart.
void turn_features(const std::uint8_t* X, std::size_t stride, std::size_t rows, std::size_t columns,
                   std::uint8_t* tiles, std::size_t next);

/// Sums of the deltas of eight units, in eight slices whatever the weights have: of the lower 32
/// bits of q, and of what lies above them.
struct BiasSums {
  alignas(64) std::int64_t low[8] = {};
  alignas(64) std::int64_t high[8] = {};
  alignas(64) std::int64_t outside[8] = {};  ///< deltas that were not within their bound
};

/// Cuts the deltas of eight units in 64 rows, `width` doubles apart, into slices (slices.hpp): a
/// tile [slice % 2 * 8 + unit][row] for each pair of slices, `next` bytes apart. `to_whole` is the
/// units' scale for eight slices. Adds to `sums`.
void cut_deltas(const double* deltas, std::size_t width, const double* to_whole, std::size_t slices,
                std::int8_t* tiles, std::size_t next, BiasSums& sums);

/// Adds the products of two pairs of slices, cut_next bytes apart, with two tiles of 16 columns
/// that lie one behind the other, over `count` tiles of 64 rows, transposed_next bytes apart, to
/// the sums C [2 pairs][16][16] and, of the second tile of columns, C + C_next; `afresh` begins
/// with zeros.
void accumulate(const std::int8_t* cut, std::size_t cut_next, const std::uint8_t* transposed,
                std::size_t transposed_next, std::size_t count, bool afresh, std::int32_t* C,
                std::size_t C_next);

}  // namespace annmpi::device::cpu::kernels
