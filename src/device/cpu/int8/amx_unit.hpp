#pragma once

// AMX with AVX-512 as a tile unit (tile_unit.hpp). Nothing here may be called on other
// processors.

#include <array>
#include <cstddef>
#include <cstdint>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"          // vectors stay within these files
#pragma GCC diagnostic ignored "-Wuninitialized"  // in GCC 12's own header
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // there too
#endif
#include <immintrin.h>

/// Marks functions that use the instructions: the rest of the program is compiled for any x86.
#define ANNMPI_AMX \
  __attribute__((  \
      target("amx-tile,amx-int8,avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,fma,avx2")))

namespace annmpi::device::cpu::kernels::amx {

/// The tile registers, which all objects share; they hold the configuration of a
/// TileConfiguration. Written in assembly, because the intrinsics of GCC take literals only and do
/// not declare that a load reads memory.
struct Tiles {
  using Memory = std::uint8_t[std::size_t{1} << 30];  ///< more than the rows of a tile span

  template <int tile>
  ANNMPI_AMX static void zero() {
    __asm__ volatile("tilezero %%tmm%c0" : : "i"(tile));
  }
  template <int tile>
  ANNMPI_AMX static void load(const void* from, std::size_t stride) {
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2"
                     :
                     : "r"(from), "r"(stride), "i"(tile), "m"(*static_cast<const Memory*>(from)));
  }
  template <int tile>
  ANNMPI_AMX static void store(void* to) {
    __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)"
                     :
                     : "r"(to), "r"(std::size_t{64}), "i"(tile)
                     : "memory");
  }
  template <int sums, int a, int b>
  ANNMPI_AMX static void add_unsigned_signed() {
    __asm__ volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sums), "i"(a), "i"(b));
  }
  template <int sums, int a, int b>
  ANNMPI_AMX static void add_signed_unsigned() {
    __asm__ volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sums), "i"(a), "i"(b));
  }
};

using Doubles = __m512d;
using Integers = __m512i;

ANNMPI_AMX inline Doubles splat(double value) {
  return _mm512_set1_pd(value);
}
ANNMPI_AMX inline Integers splat(std::int64_t value) {
  return _mm512_set1_epi64(value);
}

ANNMPI_AMX inline __mmask8 first_lanes(std::size_t count) {
  return static_cast<__mmask8>((1U << count) - 1);
}
ANNMPI_AMX inline Doubles load(const double* from) {
  return _mm512_load_pd(from);
}
ANNMPI_AMX inline Integers load(const std::int64_t* from) {
  return _mm512_load_si512(from);
}
ANNMPI_AMX inline Doubles load_first(const double* from, std::size_t count) {
  return _mm512_maskz_loadu_pd(first_lanes(count), from);
}
ANNMPI_AMX inline Integers load_first(const std::int64_t* from, std::size_t count) {
  return _mm512_maskz_loadu_epi64(first_lanes(count), from);
}
ANNMPI_AMX inline Doubles load_strided(const double* from, std::size_t stride, std::size_t count) {
  const Integers places = _mm512_mullo_epi64(splat(static_cast<std::int64_t>(stride)),
                                             _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
  return _mm512_mask_i64gather_pd(_mm512_setzero_pd(), first_lanes(count), places, from, 8);
}
ANNMPI_AMX inline void store(double* to, Doubles values) {
  _mm512_store_pd(to, values);
}
ANNMPI_AMX inline void store(void* to, Integers values) {
  _mm512_store_si512(to, values);
}
ANNMPI_AMX inline void store_first(double* to, std::size_t count, Doubles values) {
  _mm512_mask_storeu_pd(to, first_lanes(count), values);
}
ANNMPI_AMX inline void store_first(std::int64_t* to, std::size_t count, Integers values) {
  _mm512_mask_storeu_epi64(to, first_lanes(count), values);
}

ANNMPI_AMX inline Doubles doubles_of(const std::int32_t* from) {
  return _mm512_cvtepi32_pd(_mm256_load_si256(reinterpret_cast<const __m256i*>(from)));
}
ANNMPI_AMX inline Integers integers_of(const std::int32_t* from) {
  return _mm512_cvtepi32_epi64(_mm256_load_si256(reinterpret_cast<const __m256i*>(from)));
}
ANNMPI_AMX inline Integers to_nearest(Doubles values) {
  return _mm512_cvtpd_epi64(values);
}
ANNMPI_AMX inline Doubles fma(Doubles a, Doubles b, Doubles c) {
  return _mm512_fmadd_pd(a, b, c);
}

ANNMPI_AMX inline Integers magnitude_bits(Doubles values) {
  return _mm512_and_si512(_mm512_castpd_si512(values), splat(std::int64_t{0x7fff'ffff'ffff'ffff}));
}
ANNMPI_AMX inline Integers larger(Integers a, Integers b) {
  return _mm512_max_epi64(a, b);
}
ANNMPI_AMX inline std::int64_t largest_lane(Integers values) {
  return _mm512_reduce_max_epi64(values);
}
ANNMPI_AMX inline Integers count_outside(Integers count, Doubles values, double most) {
  const auto outside =
      static_cast<__mmask8>(~_mm512_cmp_pd_mask(_mm512_abs_pd(values), splat(most), _CMP_LE_OQ));
  return _mm512_mask_add_epi64(count, outside, count, splat(std::int64_t{1}));
}

ANNMPI_AMX inline Integers slices_of(Integers q) {
  const Integers middle = _mm512_set1_epi8(static_cast<char>(0x80));
  return _mm512_xor_si512(_mm512_add_epi64(q, middle), middle);
}

ANNMPI_AMX inline void transpose(Integers (&r)[8]) {
  Integers t[8], s[8];
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

/// Byte i of the result is byte i % rows * (64 / rows) + i / rows: the transposition of a matrix of
/// `rows` rows.
template <std::size_t rows>
ANNMPI_AMX inline Integers transpose_bytes(Integers bytes) {
  alignas(64) static constexpr auto order = [] {
    std::array<std::uint8_t, 64> from{};
    for (std::size_t i = 0; i < 64; ++i)
      from[i] = static_cast<std::uint8_t>(i % rows * (64 / rows) + i / rows);
    return from;
  }();
  return _mm512_permutexvar_epi8(_mm512_load_si512(order.data()), bytes);
}

ANNMPI_AMX inline Integers rows_by_slice(Integers bytes) {
  return transpose_bytes<8>(bytes);
}

ANNMPI_AMX inline __m128i sixteen_bytes(const std::uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

ANNMPI_AMX inline Integers transposed_quad(const std::uint8_t* from, std::size_t stride) {
  Integers rows = _mm512_castsi128_si512(sixteen_bytes(from));
  rows = _mm512_inserti64x2(rows, sixteen_bytes(from + stride), 1);
  rows = _mm512_inserti64x2(rows, sixteen_bytes(from + 2 * stride), 2);
  rows = _mm512_inserti64x2(rows, sixteen_bytes(from + 3 * stride), 3);
  return transpose_bytes<4>(rows);
}

ANNMPI_AMX inline void store_quad(const Integers (&column)[4], std::size_t pairs,
                                  std::size_t stride, std::int8_t* to) {
  const Integers a = _mm512_unpacklo_epi8(column[0], column[1]);
  const Integers b = _mm512_unpackhi_epi8(column[0], column[1]);
  const Integers c = _mm512_unpacklo_epi8(column[2], column[3]);
  const Integers d = _mm512_unpackhi_epi8(column[2], column[3]);
  // Words of 32 bits, the four columns of a slice: [unit / 2][slice % 4].
  const Integers even[2] = {_mm512_unpacklo_epi16(a, c), _mm512_unpackhi_epi16(a, c)};
  const Integers odd[2] = {_mm512_unpacklo_epi16(b, d), _mm512_unpackhi_epi16(b, d)};
  const Integers first =
      _mm512_setr_epi32(0, 16, 4, 20, 8, 24, 12, 28, 1, 17, 5, 21, 9, 25, 13, 29);
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    const Integers index =
        _mm512_add_epi32(first, _mm512_set1_epi32(static_cast<int>(pair % 2 * 2)));
    _mm512_store_si512(to + pair * stride,
                       _mm512_permutex2var_epi32(even[pair / 2], index, odd[pair / 2]));
  }
}

}  // namespace annmpi::device::cpu::kernels::amx
