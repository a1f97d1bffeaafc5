#include "device/cpu/int8/byte_tiles.hpp"

#include <algorithm>
#include <array>

#include "device/cpu/int8/amx_tiles.hpp"
#include "device/cpu/int8/sliced_weights.hpp"

namespace annmpi::device::cpu::kernels {
namespace {

using amx::tile_bytes;
using amx::tile_integers;

/// 16 columns of four rows, `stride` bytes apart, as [16 columns][4 rows].
ANNMPI_AMX inline __m512i transposed(const std::uint8_t* from, std::size_t stride, __m512i order) {
  const auto sixteen = [](const std::uint8_t* row) ANNMPI_AMX {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(row));
  };
  __m512i rows = _mm512_castsi128_si512(sixteen(from));
  rows = _mm512_inserti64x2(rows, sixteen(from + stride), 1);
  rows = _mm512_inserti64x2(rows, sixteen(from + 2 * stride), 2);
  rows = _mm512_inserti64x2(rows, sixteen(from + 3 * stride), 3);
  return _mm512_permutexvar_epi8(order, rows);
}

/// The same for fewer rows or columns, padded with zeros.
ANNMPI_AMX __m512i transposed_edge(const std::uint8_t* from, std::size_t stride, std::size_t rows,
                                   std::size_t columns, __m512i order) {
  std::array<std::uint8_t, 64> staged{};
  for (std::size_t i = 0; i < std::min<std::size_t>(4, rows); ++i)
    std::copy_n(from + i * stride, std::min(columns, columns_of_sums),
                staged.data() + i * columns_of_sums);
  return transposed(staged.data(), columns_of_sums, order);
}

/// Eight rows [8 numbers of 64 bits] as eight columns.
ANNMPI_AMX inline void transpose(__m512i (&r)[8]) {
  __m512i t[8], s[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm512_unpacklo_epi64(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi64(r[i], r[i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    s[i] = _mm512_shuffle_i64x2(t[i], t[i + 2], 0x88);
    s[i + 2] = _mm512_shuffle_i64x2(t[i], t[i + 2], 0xdd);
    s[i + 4] = _mm512_shuffle_i64x2(t[i + 4], t[i + 6], 0x88);
    s[i + 6] = _mm512_shuffle_i64x2(t[i + 4], t[i + 6], 0xdd);
  }
  for (int i = 0; i < 4; ++i) {
    r[i] = _mm512_shuffle_i64x2(s[i], s[i + 4], 0x88);
    r[i + 4] = _mm512_shuffle_i64x2(s[i], s[i + 4], 0xdd);
  }
}

/// Bytes [row][slice] of eight rows to [slice][row].
ANNMPI_AMX inline __m512i rows_by_slice(__m512i bytes) {
  alignas(64) static constexpr auto order = [] {
    std::array<std::uint8_t, 64> from{};
    for (std::size_t i = 0; i < 64; ++i) from[i] = static_cast<std::uint8_t>(i % 8 * 8 + i / 8);
    return from;
  }();
  return _mm512_permutexvar_epi8(_mm512_load_si512(order.data()), bytes);
}

ANNMPI_AMX inline void add_to(std::int64_t* sums, __m512i values) {
  _mm512_store_si512(sums, _mm512_add_epi64(_mm512_load_si512(sums), values));
}

}  // namespace

ANNMPI_AMX void transpose_features(const std::uint8_t* X, std::size_t stride, std::size_t rows,
                                   std::size_t columns, std::uint8_t* tiles, std::size_t next) {
  alignas(64) static constexpr auto by_column = [] {  // from bytes [4 rows][16 columns]
    std::array<std::uint8_t, 64> from{};
    for (std::size_t i = 0; i < 64; ++i) from[i] = static_cast<std::uint8_t>(i % 4 * 16 + i / 4);
    return from;
  }();
  const __m512i order = _mm512_load_si512(by_column.data());
  // Four whole rows at a time: sequential streams suit the hardware prefetcher.
  for (std::size_t row = 0; row < rows_of_tile; row += 4) {
    const std::uint8_t* const from = X + row * stride;
    std::uint8_t* const to = tiles + row / 4 * 64;
    const std::size_t whole = row + 4 <= rows ? columns / columns_of_sums : 0;
    const auto place = [&](std::size_t tile) {
      return to + tile / 2 * next + tile % 2 * tile_bytes;
    };
    for (std::size_t tile = 0; tile < whole; ++tile)
      _mm512_store_si512(place(tile), transposed(from + tile * columns_of_sums, stride, order));
    for (std::size_t c = whole * columns_of_sums; c < columns; c += columns_of_sums)
      _mm512_store_si512(
          place(c / columns_of_sums),
          transposed_edge(from + c, stride, rows - std::min(rows, row), columns - c, order));
  }
}

ANNMPI_AMX void cut_deltas(const double* deltas, std::size_t width, const double* to_whole,
                           std::size_t slices, std::int8_t* tiles, std::size_t next,
                           BiasSums& sums) {
  const __m512d scale = _mm512_load_pd(to_whole);
  const __m512d to_fewer = _mm512_set1_pd(slices == 8 ? 1.0 : 0x1p-32);
  const __m512d most = _mm512_set1_pd(0x1p62);
  const __m512i lower = _mm512_set1_epi64(0xffff'ffff);
  const __m512i one = _mm512_set1_epi64(1);
  __m512i low = _mm512_setzero_si512(), high = low, outside = low;
  __m512i cut[group_units][8];  // [unit][rows / 8], bytes [slice][row % 8]
  for (std::size_t eight = 0; eight < 8; ++eight) {
    __m512i rows[8];  // bytes [unit][slice]
    for (std::size_t i = 0; i < 8; ++i) {
      const __m512d value = _mm512_mul_pd(_mm512_load_pd(deltas + (eight * 8 + i) * width), scale);
      const __m512i q = _mm512_cvtpd_epi64(value);
      const auto is_outside =
          static_cast<__mmask8>(~_mm512_cmp_pd_mask(_mm512_abs_pd(value), most, _CMP_LE_OQ));
      outside = _mm512_mask_add_epi64(outside, is_outside, outside, one);
      low = _mm512_add_epi64(low, _mm512_and_si512(q, lower));
      high = _mm512_add_epi64(high, _mm512_srai_epi64(q, 32));
      rows[i] =
          amx::slices_of(slices == 8 ? q : _mm512_cvtpd_epi64(_mm512_mul_pd(value, to_fewer)));
    }
    transpose(rows);
    for (std::size_t u = 0; u < group_units; ++u) cut[u][eight] = rows_by_slice(rows[u]);
  }
  for (std::size_t u = 0; u < group_units; ++u) {
    transpose(cut[u]);
    for (std::size_t k = 0; k < slices; ++k)
      _mm512_store_si512(tiles + k / 2 * next + (k % 2 * 8 + u) * 64, cut[u][k]);
  }
  add_to(sums.low, low);
  add_to(sums.high, high);
  add_to(sums.outside, outside);
}

ANNMPI_AMX void accumulate(const std::int8_t* cut, std::size_t cut_next,
                           const std::uint8_t* transposed, std::size_t transposed_next,
                           std::size_t count, bool afresh, std::int32_t* C, std::size_t C_next) {
  if (afresh) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  } else {
    _tile_loadd(0, C, 64);
    _tile_loadd(1, C + tile_integers, 64);
    _tile_loadd(2, C + C_next, 64);
    _tile_loadd(3, C + C_next + tile_integers, 64);
  }
  for (std::size_t tile = 0; tile < count; ++tile) {
    const std::int8_t* const slices = cut + tile * tile_bytes;
    const std::uint8_t* const columns = transposed + tile * transposed_next;
    _tile_loadd(4, slices, 64);
    _tile_loadd(6, columns, 64);
    _tile_dpbsud(0, 4, 6);
    _tile_loadd(5, slices + cut_next, 64);
    _tile_dpbsud(1, 5, 6);
    _tile_loadd(7, columns + tile_bytes, 64);
    _tile_dpbsud(2, 4, 7);
    _tile_dpbsud(3, 5, 7);
  }
  _tile_stored(0, C, 64);
  _tile_stored(1, C + tile_integers, 64);
  _tile_stored(2, C + C_next, 64);
  _tile_stored(3, C + C_next + tile_integers, 64);
}

}  // namespace annmpi::device::cpu::kernels
