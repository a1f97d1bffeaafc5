#include "device/cpu/int8/byte_forward.hpp"

#include <algorithm>
#include <cstring>

#include "device/cpu/int8/amx_tiles.hpp"

namespace annmpi::device::cpu::kernels {
namespace {

using amx::tile_bytes;
using amx::tile_integers;
using amx::tile_rows;

constexpr std::size_t most_rows = 96;  // their features fit into the second-level cache

/// A tile of 16 rows of a block of columns: in X itself, or a copy padded with zeros.
struct Source {
  const std::uint8_t* data;
  long stride;
};

Source source_of(const std::uint8_t* X, std::size_t inputs, std::size_t row, std::size_t rows,
                 std::size_t column, std::uint8_t* staged) {
  const std::size_t columns = std::min(tile_columns, inputs - column);
  const std::uint8_t* const from = X + row * inputs + column;
  if (columns == tile_columns && row + tile_rows <= rows) return {from, static_cast<long>(inputs)};
  std::memset(staged, 0, tile_bytes);
  for (std::size_t r = 0; r < tile_rows && row + r < rows; ++r)
    std::memcpy(staged + r * tile_columns, from + r * inputs, columns);
  return {staged, static_cast<long>(tile_columns)};
}

/// Sums of one slice for eight units, as doubles.
ANNMPI_AMX inline __m512d slice_sums(const std::int32_t* from) {
  return _mm512_cvtepi32_pd(_mm256_load_si256(reinterpret_cast<const __m256i*>(from)));
}

/// C_0 + 2^8 C_1 + 2^16 C_2 + 2^24 C_3 for eight units; each pointer is a row of sums of a pair of
/// slices.
ANNMPI_AMX inline __m512d join_word(const std::int32_t* first, const std::int32_t* second) {
  __m512d sum = slice_sums(first);
  sum = _mm512_fmadd_pd(slice_sums(first + 8), _mm512_set1_pd(0x1p8), sum);
  sum = _mm512_fmadd_pd(slice_sums(second), _mm512_set1_pd(0x1p16), sum);
  return _mm512_fmadd_pd(slice_sums(second + 8), _mm512_set1_pd(0x1p24), sum);
}

/// Micro-kernel: adds the products of 32 rows with two pairs of slices over a block of columns to
/// tiles 0 to 3.
ANNMPI_AMX inline void add_block(Source upper, Source lower, const std::int8_t* first,
                                 const std::int8_t* second) {
  _tile_loadd(4, upper.data, upper.stride);
  _tile_loadd(6, first, 64);
  _tile_dpbusd(0, 4, 6);
  _tile_loadd(7, second, 64);
  _tile_dpbusd(1, 4, 7);
  _tile_loadd(5, lower.data, lower.stride);
  _tile_dpbusd(2, 5, 6);
  _tile_dpbusd(3, 5, 7);
}

/// The sums of the two pairs of slices of a word for 32 rows, to C [row tile][pair][16][16].
ANNMPI_AMX void multiply(const std::uint8_t* X, std::size_t rows, std::size_t row,
                         const SlicedWeights& weights, std::size_t group, std::size_t word,
                         std::int32_t* C) {
  alignas(64) std::uint8_t staged[2][tile_bytes];
  const std::size_t inputs = weights.inputs();
  const std::size_t whole_blocks = row + 2 * tile_rows <= rows ? inputs / tile_columns : 0;
  const std::int8_t* const first = weights.tile(group, 2 * word, 0);
  const std::int8_t* const second = weights.tile(group, 2 * word + 1, 0);
  const auto stride = static_cast<long>(inputs);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  const std::uint8_t* const upper = X + row * inputs;
  for (std::size_t block = 0; block < whole_blocks; ++block) {
    const std::uint8_t* const from = upper + block * tile_columns;
    add_block({from, stride}, {from + tile_rows * inputs, stride}, first + block * tile_bytes,
              second + block * tile_bytes);
  }
  for (std::size_t block = whole_blocks; block < weights.blocks(); ++block) {
    const std::size_t column = block * tile_columns;
    add_block(source_of(X, inputs, row, rows, column, staged[0]),
              source_of(X, inputs, row + tile_rows, rows, column, staged[1]),
              first + block * tile_bytes, second + block * tile_bytes);
  }
  _tile_stored(0, C, 64);
  _tile_stored(1, C + tile_integers, 64);
  _tile_stored(2, C + 2 * tile_integers, 64);
  _tile_stored(3, C + 3 * tile_integers, 64);
}

ANNMPI_AMX void forward_group(const std::uint8_t* X, std::size_t rows, const SlicedWeights& weights,
                              std::size_t group, double* Z) {
  alignas(64) std::int32_t C[4 * tile_integers];
  alignas(64) double below[most_rows][group_units];
  const std::size_t first_unit = group * group_units;
  const std::size_t units = std::min(group_units, weights.units() - first_unit);
  const auto mask = static_cast<__mmask8>((1U << units) - 1);
  const __m512d scale = _mm512_load_pd(weights.scale().data() + first_unit);
  const __m512d bias = _mm512_load_pd(weights.bias().data() + first_unit);
  const std::size_t words = byte_slices::words(weights.slices());
  for (std::size_t word = 0; word < words; ++word)
    for (std::size_t row = 0; row < rows; row += 2 * tile_rows) {
      multiply(X, rows, row, weights, group, word, C);
      for (std::size_t i = row; i < std::min(rows, row + 2 * tile_rows); ++i) {
        const std::int32_t* const sums =
            C + (i - row) / tile_rows * 2 * tile_integers + (i - row) % tile_rows * 16;
        __m512d whole = join_word(sums, sums + tile_integers);
        if (word > 0)
          whole = _mm512_fmadd_pd(whole, _mm512_set1_pd(0x1p32), _mm512_load_pd(below[i]));
        if (word + 1 < words) {
          _mm512_store_pd(below[i], whole);
          continue;
        }
        const __m512d z = _mm512_add_pd(_mm512_mul_pd(whole, scale), bias);
        _mm512_mask_storeu_pd(Z + i * weights.units() + first_unit, mask, z);
      }
    }
}

}  // namespace

ANNMPI_AMX void byte_forward(std::span<const std::uint8_t> X, std::size_t rows,
                             const SlicedWeights& weights, std::span<double> Z) {
  const amx::Configuration configuration;
  _tile_loadconfig(&configuration);
  for (std::size_t first = 0; first < rows; first += most_rows)
    for (std::size_t group = 0; group < weights.groups(); ++group)
      forward_group(X.data() + first * weights.inputs(), std::min(most_rows, rows - first), weights,
                    group, Z.data() + first * weights.units());
  _tile_release();
}

}  // namespace annmpi::device::cpu::kernels
