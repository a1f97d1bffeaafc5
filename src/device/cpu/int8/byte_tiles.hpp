#pragma once

#include <cstddef>
#include <cstdint>

/// Kernels of the first layer's gradient over bytes (byte_backward.hpp), a few tiles at a time.
namespace annmpi::device::cpu::kernels {

/// Rows of a tile of slices.
inline constexpr std::size_t rows_of_tile = 64;
/// Columns of a tile of sums.
inline constexpr std::size_t columns_of_sums = 16;

/// Transposes at most 64 rows into tiles of 16 columns, [quads of rows][16 columns][4 rows], padded
/// with zeros. Tiles are stored in adjacent pairs, `next` bytes from pair to pair. The rows of X
/// are `stride` bytes apart.
void transpose_features(const std::uint8_t* X, std::size_t stride, std::size_t rows,
                        std::size_t columns, std::uint8_t* tiles, std::size_t next);

/// Sums of the deltas of eight units, always of eight slices: of the low 32 bits of q, and of the
/// high ones.
struct BiasSums {
  alignas(64) std::int64_t low[8] = {};
  alignas(64) std::int64_t high[8] = {};
  alignas(64) std::int64_t outside[8] = {};  ///< number of deltas out of bounds
};

/// Splits the deltas of eight units in 64 rows, `width` doubles apart, into byte slices
/// (base/byte_slices.hpp): a tile [slice % 2 * 8 + unit][row] per pair of slices, `next` bytes
/// apart. `to_whole` is the units' scale for eight slices. Adds to `sums`.
void cut_deltas(const double* deltas, std::size_t width, const double* to_whole, std::size_t slices,
                std::int8_t* tiles, std::size_t next, BiasSums& sums);

/// Micro-kernel: adds the products of two pairs of slices, cut_next bytes apart, with two adjacent
/// tiles of 16 columns, over `count` tiles of 64 rows, transposed_next bytes apart, to the sums
/// C [2 pairs][16][16] and, for the second tile of columns, C + C_next; `afresh` starts from zeros.
/// Requires a TileConfiguration.
using Accumulate = void(const std::int8_t* cut, std::size_t cut_next,
                        const std::uint8_t* transposed, std::size_t transposed_next,
                        std::size_t count, bool afresh, std::int32_t* C, std::size_t C_next);

/// That of the unit in use: it takes less than a microsecond, so the choice is made before loops.
[[nodiscard]] Accumulate* accumulate_kernel();

/// Joins the sums of four slices of one unit, rows of `tiles`, to words (base/byte_slices.hpp) of
/// all columns: of slice k at [k / 2][k % 2 * 8][column % 16], tiles of columns `next` integers
/// apart. Adds to the words if asked to.
void join_slices(const std::int32_t* tiles, std::size_t next, std::size_t columns, bool add,
                 std::int64_t* words);

/// feature_scale times the rounded value of `scale` times each sum of words; `high` is null where
/// the words are those of four slices.
void round_words(const std::int64_t* low, const std::int64_t* high, std::size_t columns,
                 double scale, double feature_scale, double* rounded);

}  // namespace annmpi::device::cpu::kernels
