// The forward pass of narrow layers for one SIMD target.

#if defined(ANNMPI_KERNELS_NARROW_FORWARD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_NARROW_FORWARD_INL
#undef ANNMPI_KERNELS_NARROW_FORWARD_INL
#else
#define ANNMPI_KERNELS_NARROW_FORWARD_INL
#endif

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "device/cpu/simd/lane_sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// Units per register block, at most. With 3 rows of them the sums fill the registers; fewer rows
/// of more units would have to read the weights faster than the second-level cache gives them.
constexpr std::size_t most_tile_units =
    vector_registers == 32 ? 9 : (vector_registers == 16 ? 4 : 2);

/// Rows per register block: R U sums, the smaller of R rows and U units in registers besides, and
/// one vector of the other. Divisors of 96, the rows of a small chunk.
constexpr std::size_t tile_rows(std::size_t units) {
  for (const std::size_t rows : {8, 6, 4, 3, 2})
    if (rows * units + std::min(rows, units) + 1 <= vector_registers) return rows;
  return 1;
}

/// sums[r][k] += lanes of x_r w_k for the columns of one vector
template <class D, std::size_t R, std::size_t U, class T>
HWY_INLINE void multiply_tile(D d, const T* X, std::size_t row_stride, const hn::TFromD<D>* W,
                              hn::Vec<D> (&sums)[R][U]) {
  constexpr std::size_t lanes = logical_lanes<hn::TFromD<D>>;
  if constexpr (U < R) {
    hn::Vec<D> w[U];
#pragma GCC unroll 16
    for (std::size_t k = 0; k < U; ++k) w[k] = hn::Load(d, W + k * lanes);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) {
      const auto x = load_as(d, X + r * row_stride);
#pragma GCC unroll 16
      for (std::size_t k = 0; k < U; ++k) sums[r][k] = fused(d, x, w[k], sums[r][k]);
    }
  } else {
    hn::Vec<D> x[R];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r) x[r] = load_as(d, X + r * row_stride);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < U; ++k) {
      auto w = hn::Load(d, W + k * lanes);
      keep_in_register(w);
#pragma GCC unroll 16
      for (std::size_t r = 0; r < R; ++r) sums[r][k] = fused(d, x[r], w, sums[r][k]);
    }
  }
}

/// Asks for part of the next R rows while these are read: as many bytes per step as a step reads.
template <class T, std::size_t R>
HWY_INLINE void prefetch_next_rows(const T* X, std::size_t inputs, std::size_t column,
                                   std::size_t columns_per_step) {
  constexpr std::size_t line = 64;
  const char* next = reinterpret_cast<const char*>(X + R * (inputs + column));
#pragma GCC unroll 16
  for (std::size_t byte = 0; byte < R * columns_per_step * sizeof(T); byte += line)
    hwy::Prefetch(next + byte);
}

/// out[r][k] = sum of the lanes of tile[r][k]
template <class Wide, std::size_t Count>
HWY_INLINE void sum_tile(const Wide (&tile)[Count][logical_lanes<Wide>], double* out) {
#if HWY_MAX_BYTES == 64
  const Eight d;
  VEight folded[(Count + 7) / 8 * 8];
#pragma GCC unroll 64
  for (std::size_t e = 0; e < (Count + 7) / 8 * 8; ++e) {
    const std::size_t from = std::min(e, Count - 1);
    folded[e] = load_as(d, tile[from]);
    if constexpr (logical_lanes<Wide> == 16)
      folded[e] = hn::Add(folded[e], load_as(d, tile[from] + 8));
  }
#pragma GCC unroll 64
  for (std::size_t e = 0; e < Count; e += 8)
    hn::StoreU(sums_of_eight(folded[e], folded[e + 1], folded[e + 2], folded[e + 3], folded[e + 4],
                             folded[e + 5], folded[e + 6], folded[e + 7]),
               d, out + e);
#else
  for (std::size_t e = 0; e < Count; ++e) out[e] = sum_of_lanes(tile[e]);
#endif
}

/// Z[r, k] = b_k + x_r . w_k for R rows and U units: X the first of the rows, W, bias and Z at the
/// first of the units, the layer having `units` of them.
template <class Wide, class T, std::size_t R, std::size_t U>
void forward_tile(const T* X, std::size_t inputs, const Wide* W, std::size_t units,
                  const double* bias, double* Z) {
  constexpr std::size_t lanes = logical_lanes<Wide>;
  constexpr Vectors<Wide, T> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  const std::size_t whole = inputs / lanes * lanes;
  const std::size_t rest = inputs - whole;
  alignas(64) T last[R][lanes] = {};
  for (std::size_t r = 0; r < R && rest > 0; ++r)
    std::memcpy(last[r], X + r * inputs + whole, rest * sizeof(T));

  alignas(64) Wide tile[R * U][lanes];
  for (std::size_t part = 0; part < lanes; part += step) {  // once where a vector has all lanes
    hn::Vec<Vectors<Wide, T>> sums[R][U];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r)
#pragma GCC unroll 16
      for (std::size_t k = 0; k < U; ++k) sums[r][k] = hn::Zero(d);
    for (std::size_t c = 0; c < whole; c += lanes) {
      if (part == 0) prefetch_next_rows<T, R>(X, inputs, c, lanes);
      multiply_tile(d, X + c + part, inputs, W + c * units + part, sums);
    }
    if (rest > 0) multiply_tile(d, last[0] + part, lanes, W + whole * units + part, sums);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r)
#pragma GCC unroll 16
      for (std::size_t k = 0; k < U; ++k) hn::Store(sums[r][k], d, tile[r * U + k] + part);
  }

  double z[(R * U + 7) / 8 * 8];
  sum_tile<Wide, R * U>(tile, z);
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t k = 0; k < U; ++k) Z[r * units + k] = z[r * U + k] + bias[k];
}

template <class Wide, class T>
struct ForwardTile {
  using Function = void (*)(const T* X, std::size_t inputs, const Wide* W, std::size_t units,
                            const double* bias, double* Z);
  std::size_t rows;
  Function block;   ///< for `rows` rows
  Function single;  ///< for one
};

/// tiles[u - 1]: for u units
template <class Wide, class T, std::size_t... Index>
constexpr auto make_forward_tiles(std::index_sequence<Index...>) {
  return std::array{ForwardTile<Wide, T>{tile_rows(Index + 1),
                                         forward_tile<Wide, T, tile_rows(Index + 1), Index + 1>,
                                         forward_tile<Wide, T, 1, Index + 1>}...};
}

/// narrow_forward for one type of features and one precision. Units are cut into tiles of nearly
/// equal width.
template <class Wide, class T>
void forward_rows(const T* X, std::size_t rows, std::size_t inputs, const Wide* W,
                  std::size_t units, const double* bias, double* Z) {
  static constexpr auto tiles =
      make_forward_tiles<Wide, T>(std::make_index_sequence<most_tile_units>());
  constexpr std::size_t rows_in_cache = 96;
  const std::size_t parts = (units + most_tile_units - 1) / most_tile_units;
  for (std::size_t first = 0; first < rows; first += rows_in_cache) {
    const std::size_t end = std::min(rows, first + rows_in_cache);
    for (std::size_t part = 0; part < parts; ++part) {
      const std::size_t j = units * part / parts;
      const ForwardTile<Wide, T>& tile = tiles[units * (part + 1) / parts - j - 1];
      std::size_t i = first;
      for (; i + tile.rows <= end; i += tile.rows)
        tile.block(X + i * inputs, inputs, W + j * logical_lanes<Wide>, units, bias + j,
                   Z + i * units + j);
      for (; i < end; ++i)
        tile.single(X + i * inputs, inputs, W + j * logical_lanes<Wide>, units, bias + j,
                    Z + i * units + j);
    }
  }
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
