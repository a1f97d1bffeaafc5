#pragma once

// Shared by the files compiled for AMX: nothing here may be called on other processors.

#include <cstddef>
#include <cstdint>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"                // vectors stay within these files
#pragma GCC diagnostic ignored "-Wuninitialized"        // in GCC 12's own header
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // there too
#include <immintrin.h>

/// Marks functions that use the instructions: the rest of the program is compiled for any x86.
#define ANNMPI_AMX \
  __attribute__((  \
      target("amx-tile,amx-int8,avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,fma,avx2")))

namespace annmpi::device::cpu::kernels::amx {

/// A tile: 16 rows of 64 bytes, or of 16 integers of 32 bits.
inline constexpr std::size_t tile_rows = 16;
inline constexpr std::size_t tile_row_bytes = 64;
inline constexpr std::size_t tile_bytes = tile_rows * tile_row_bytes;
inline constexpr std::size_t tile_integers = tile_rows * 16;

/// All eight tiles in their full size.
struct alignas(64) Configuration {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// The eight slices of each q, the lowest first, as the bytes of its lane (base/byte_slices.hpp).
ANNMPI_AMX inline __m512i slices_of(__m512i q) {
  const __m512i middle = _mm512_set1_epi8(static_cast<char>(0x80));
  return _mm512_xor_si512(_mm512_add_epi64(q, middle), middle);
}

}  // namespace annmpi::device::cpu::kernels::amx
