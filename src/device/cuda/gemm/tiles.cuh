#pragma once

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/runtime/instructions.cuh"

/// Tiles of the operands of C (m, n) = sum_k A (m, k) B (k, n): copies from global to shared
/// memory, fragments, and mma instructions.
namespace annmpi::device::cuda::mini_batch {

/// Which index is contiguous in an operand's memory: k (along its rows), or the other one.
enum class Rows { along_k, across_k };

inline constexpr int block_threads = 256;

/// One plane of a tile [outer, k_tile] in shared memory.
template <class Traits, Rows rows, int outer>
struct Tile {
  static constexpr int lines = rows == Rows::along_k ? outer : Traits::k_tile;
  static constexpr int columns = rows == Rows::along_k ? Traits::k_tile : outer;
  static constexpr int pitch = columns + Traits::skew;
  static constexpr int size = lines * pitch;
};

/// Starts the copies of a tile's planes; elements beyond the matrix become zeros.
template <class Traits, Rows rows, int outer, int planes>
__device__ void copy_tile_async(const Operand<Traits>& from, int first, int end, int first_k,
                                int end_k, typename Traits::Stored* shared) {
  using T = Tile<Traits, rows, outer>;
  constexpr int in_line = T::columns / pack<Traits>;
  constexpr int copies = T::lines * in_line;
  const int first_line = rows == Rows::along_k ? first : first_k;
  const int end_line = rows == Rows::along_k ? end : end_k;
  const int first_column = rows == Rows::along_k ? first_k : first;
  const int end_column = rows == Rows::along_k ? end_k : end;
#pragma unroll
  for (int begin = 0; begin < copies; begin += block_threads) {
    const int i = begin + static_cast<int>(threadIdx.x);
    if (copies % block_threads != 0 && i >= copies) break;
    const int line = i / in_line;
    const int column = i % in_line * pack<Traits>;
    const bool inside = first_line + line < end_line && first_column + column < end_column;
    const auto* const source =
        inside ? from.row(first_line + line) + first_column + column : from.data;
#pragma unroll
    for (int p = 0; p < planes; ++p)
      copy_async(shared + p * T::size + line * T::pitch + column,
                 inside ? source + p * from.plane : source, inside ? 16U : 0U);
  }
}

/// The accumulators of a warp's tile of `width` columns.
template <class Traits, int width>
class WarpTile;

/// 32 rows, by mma tiles of [16, 8].
template <int width>
class WarpTile<Mixed, width> {
 public:
  static constexpr int k_step = 16;

  /// Accumulates the products of terms whose indices add up to less than 3; the others are below
  /// 2^-24 of the largest. `columns` is the count of columns that exist.
  template <int planes_a, int planes_b, class TileA, class TileB, Rows rows_a, Rows rows_b>
  __device__ void add(const std::uint16_t* a, int m, const std::uint16_t* b, int n, int k,
                      int columns) {
    if (n >= columns) return;
    const int lane = static_cast<int>(threadIdx.x % 32);
    unsigned A[planes_a][2][4];
#pragma unroll
    for (int p = 0; p < planes_a; ++p)
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        const std::uint16_t* const tile = a + p * TileA::size;
        if (rows_a == Rows::along_k)
          load_matrices(A[p][i],
                        tile + (m + 16 * i + lane % 16) * TileA::pitch + k + lane / 16 * 8);
        else
          load_transposed_matrices(A[p][i], tile + (k + lane / 16 * 8 + lane % 8) * TileA::pitch +
                                                m + 16 * i + lane / 8 % 2 * 8);
      }
#pragma unroll
    for (int j = 0; j < width / 16; ++j) {
      if (n + 16 * j >= columns) break;
      unsigned B[planes_b][4];
#pragma unroll
      for (int p = 0; p < planes_b; ++p) {
        const std::uint16_t* const tile = b + p * TileB::size;
        if (rows_b == Rows::along_k)
          load_matrices(B[p], tile + (n + 16 * j + lane / 16 * 8 + lane % 8) * TileB::pitch + k +
                                  lane / 8 % 2 * 8);
        else
          load_transposed_matrices(B[p], tile + (k + lane / 8 % 2 * 8 + lane % 8) * TileB::pitch +
                                             n + 16 * j + lane / 16 * 8);
      }
      // The smallest products first.
#pragma unroll
      for (int sum = 2; sum >= 0; --sum)
#pragma unroll
        for (int p = 0; p < planes_a; ++p) {
          const int q = sum - p;
          if (q < 0 || q >= planes_b) continue;
#pragma unroll
          for (int i = 0; i < 2; ++i) {
            mma_bf16(C_[i][2 * j], A[p][i], B[q][0], B[q][1]);
            mma_bf16(C_[i][2 * j + 1], A[p][i], B[q][2], B[q][3]);
          }
        }
    }
  }

  /// Calls work(row, column, value) for every accumulator of this lane.
  template <class Work>
  __device__ void for_each(Work&& work) const {
    const int g = static_cast<int>(threadIdx.x % 32 / 4);
    const int t = static_cast<int>(threadIdx.x % 4);
#pragma unroll
    for (int i = 0; i < 2; ++i)
#pragma unroll
      for (int j = 0; j < width / 8; ++j)
#pragma unroll
        for (int x = 0; x < 4; ++x)
          work(16 * i + x / 2 * 8 + g, 8 * j + 2 * t + x % 2, C_[i][j][x]);
  }

 private:
  float C_[2][width / 8][4] = {};
};

/// The same by mma tiles of [8, 8].
template <int width>
class WarpTile<Float64, width> {
 public:
  static constexpr int k_step = 4;

  template <int planes_a, int planes_b, class TileA, class TileB, Rows rows_a, Rows rows_b>
  __device__ void add(const double* a, int m, const double* b, int n, int k, int columns) {
    const int g = static_cast<int>(threadIdx.x % 32 / 4);
    const int t = static_cast<int>(threadIdx.x % 4);
    if (n >= columns) return;
    double A[4];
#pragma unroll
    for (int i = 0; i < 4; ++i)
      A[i] = rows_a == Rows::along_k ? a[(m + 8 * i + g) * TileA::pitch + k + t]
                                     : a[(k + t) * TileA::pitch + m + 8 * i + g];
#pragma unroll
    for (int j = 0; j < width / 8; ++j) {
      if (n + 8 * j >= columns) break;
      const double B = rows_b == Rows::along_k ? b[(n + 8 * j + g) * TileB::pitch + k + t]
                                               : b[(k + t) * TileB::pitch + n + 8 * j + g];
#pragma unroll
      for (int i = 0; i < 4; ++i) mma_doubles(C_[i][j], A[i], B);
    }
  }

  template <class Work>
  __device__ void for_each(Work&& work) const {
    const int g = static_cast<int>(threadIdx.x % 32 / 4);
    const int t = static_cast<int>(threadIdx.x % 4);
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
      for (int j = 0; j < width / 8; ++j)
#pragma unroll
        for (int x = 0; x < 2; ++x) work(8 * i + g, 8 * j + 2 * t + x, C_[i][j][x]);
  }

 private:
  double C_[4][width / 8][2] = {};
};

}  // namespace annmpi::device::cuda::mini_batch
