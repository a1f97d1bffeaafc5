// The forward pass of narrow layers in one precision: ANNMPI_NARROW_REAL is double, or float in
// mixed precision. Each precision is a translation unit of its own, which divides the compile time.

#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/narrow/narrow_forward-inl.hpp"
#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

#include <hwy/foreach_target.h>

#include "device/cpu/narrow/narrow_kernels.hpp"
#include "device/cpu/simd/lane_sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// Most units of a register tile. With 3 rows the accumulators fill the registers; tiles of fewer
/// rows and more units would exceed the bandwidth of the second-level cache for weights.
constexpr std::size_t most_tile_units =
    vector_registers == 32 ? 9 : (vector_registers == 16 ? 4 : 2);

/// Rows of a register tile: R U accumulators, the smaller of R rows and U units, and one vector of
/// the other fit into the registers. Divisors of 96, the rows of a small chunk.
constexpr std::size_t tile_rows(std::size_t units) {
  for (const std::size_t rows : {8, 6, 4, 3, 2})
    if (rows * units + std::min(rows, units) + 1 <= vector_registers) return rows;
  return 1;
}

/// sums[r][k] += x_r w_k, lane by lane, for the columns of one vector
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
      for (std::size_t k = 0; k < U; ++k) sums[r][k] = fused(x, w[k], sums[r][k]);
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
      for (std::size_t r = 0; r < R; ++r) sums[r][k] = fused(x[r], w, sums[r][k]);
    }
  }
}

/// Prefetches from the next R rows as many bytes as one step reads of the current ones.
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
template <class Real, std::size_t Count>
HWY_INLINE void sum_tile(const Real (&tile)[Count][logical_lanes<Real>], double* out) {
#if HWY_MAX_BYTES == 64
  const Eight d;
  VEight folded[(Count + 7) / 8 * 8];
#pragma GCC unroll 64
  for (std::size_t e = 0; e < (Count + 7) / 8 * 8; ++e) {
    const std::size_t from = std::min(e, Count - 1);
    folded[e] = load_as(d, tile[from]);
    if constexpr (logical_lanes<Real> == 16)
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

/// Micro-kernel: Z[r, k] = b_k + x_r . w_k for R rows and U units. X points to the first of these
/// rows; W, bias and Z to the first of these units, out of the `units` of the layer.
template <class Real, class T, std::size_t R, std::size_t U>
void forward_tile(const T* X, std::size_t inputs, const Real* W, std::size_t units,
                  const double* bias, double* Z) {
  constexpr std::size_t lanes = logical_lanes<Real>;
  constexpr Vectors<Real, T> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  const std::size_t whole = inputs / lanes * lanes;
  const std::size_t rest = inputs - whole;
  alignas(64) T last[R][lanes] = {};
  for (std::size_t r = 0; r < R && rest > 0; ++r)
    std::memcpy(last[r], X + r * inputs + whole, rest * sizeof(T));

  alignas(64) Real tile[R * U][lanes];
  for (std::size_t lane = 0; lane < lanes; lane += step) {  // once where a vector has all lanes
    hn::Vec<Vectors<Real, T>> sums[R][U];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r)
#pragma GCC unroll 16
      for (std::size_t k = 0; k < U; ++k) sums[r][k] = hn::Zero(d);
    for (std::size_t c = 0; c < whole; c += lanes) {
      if (lane == 0) prefetch_next_rows<T, R>(X, inputs, c, lanes);
      multiply_tile(d, X + c + lane, inputs, W + c * units + lane, sums);
    }
    if (rest > 0) multiply_tile(d, last[0] + lane, lanes, W + whole * units + lane, sums);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r)
#pragma GCC unroll 16
      for (std::size_t k = 0; k < U; ++k) hn::Store(sums[r][k], d, tile[r * U + k] + lane);
  }

  double z[(R * U + 7) / 8 * 8];
  sum_tile<Real, R * U>(tile, z);
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t k = 0; k < U; ++k) Z[r * units + k] = z[r * U + k] + bias[k];
}

template <class Real, class T>
struct ForwardTile {
  using Function = void (*)(const T* X, std::size_t inputs, const Real* W, std::size_t units,
                            const double* bias, double* Z);
  std::size_t rows;
  Function block;   ///< for `rows` rows
  Function single;  ///< for one
};

/// tiles[u - 1]: for u units
template <class Real, class T, std::size_t... Index>
constexpr auto make_forward_tiles(std::index_sequence<Index...>) {
  return std::array{ForwardTile<Real, T>{tile_rows(Index + 1),
                                         forward_tile<Real, T, tile_rows(Index + 1), Index + 1>,
                                         forward_tile<Real, T, 1, Index + 1>}...};
}

/// Units are cut into tiles of nearly equal width.
template <class Real, class T>
void forward_rows(const T* X, std::size_t rows, const PackedWeights& weights, double* Z) {
  static constexpr auto tiles =
      make_forward_tiles<Real, T>(std::make_index_sequence<most_tile_units>());
  constexpr std::size_t rows_in_cache = 96;
  const std::size_t inputs = weights.inputs(), units = weights.units();
  const Real* const W = weights.weights<Real>().data();
  const double* const bias = weights.bias().data();
  const std::size_t unit_tiles = (units + most_tile_units - 1) / most_tile_units;
  for (std::size_t first = 0; first < rows; first += rows_in_cache) {
    const std::size_t end = std::min(rows, first + rows_in_cache);
    for (std::size_t t = 0; t < unit_tiles; ++t) {
      const std::size_t j = units * t / unit_tiles;
      const ForwardTile<Real, T>& tile = tiles[units * (t + 1) / unit_tiles - j - 1];
      std::size_t i = first;
      for (; i + tile.rows <= end; i += tile.rows)
        tile.block(X + i * inputs, inputs, W + j * logical_lanes<Real>, units, bias + j,
                   Z + i * units + j);
      for (; i < end; ++i)
        tile.single(X + i * inputs, inputs, W + j * logical_lanes<Real>, units, bias + j,
                    Z + i * units + j);
    }
  }
}

/// For features of any type.
static void forward_features(io::ElementType type, const void* X, std::size_t rows,
                             const PackedWeights& weights, double* Z) {
  io::with_feature_type(type, [&]<class T>(std::type_identity<T>) {
    forward_rows<ANNMPI_NARROW_REAL>(static_cast<const T*>(X), rows, weights, Z);
  });
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(forward_features);

template <>
void run_narrow_forward<ANNMPI_NARROW_REAL>(io::ElementType type, const void* X, std::size_t rows,
                                            const PackedWeights& weights, double* Z) {
  HWY_DYNAMIC_DISPATCH(forward_features)(type, X, rows, weights, Z);
}

}  // namespace annmpi::device::cpu::kernels
#endif
