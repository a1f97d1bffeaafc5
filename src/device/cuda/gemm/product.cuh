#pragma once

#include "device/cuda/gemm/tiles.cuh"
#include "device/cuda/runtime/launch.hpp"

/// C (m, n) = sum_k A (m, k) B (k, n), and what is to be done with each element at once.
///
/// Every element is one chain over k, in two halves of each step of k_tile, whatever tile of the
/// result it lies in: its bits depend on its row of A, its column of B and the length of k alone.
namespace annmpi::device::cuda::mini_batch {

/// The factors' shapes in memory; parts are the planes that are read.
template <class Numbers_, int parts_a_, Rows rows_a_, int parts_b_, Rows rows_b_>
struct Factors {
  using Traits = Numbers_;
  static constexpr int parts_a = parts_a_;
  static constexpr int parts_b = parts_b_;
  static constexpr Rows rows_a = rows_a_;
  static constexpr Rows rows_b = rows_b_;
  Planes<const typename Traits::Stored> A;
  Planes<const typename Traits::Stored> B;
};

/// Rows [first_row, end_row) of the result, first_row a multiple of tile_rows.
struct ProductShape {
  int first_row;
  int end_row;
  int columns;
  int k;
};

namespace detail {

template <class F, int width>
struct ProductMemory {
  using Traits = typename F::Traits;
  using TileA = Tile<Traits, F::rows_a, tile_rows>;
  using TileB = Tile<Traits, F::rows_b, width>;
  static constexpr int stages = 3;
  static constexpr int of_a = F::parts_a * TileA::size;
  static constexpr int of_stage = of_a + F::parts_b * TileB::size;
  static constexpr int result_pitch = width + 8;
  static constexpr std::size_t for_tiles =
      sizeof(typename Traits::Stored) * static_cast<std::size_t>(stages * of_stage);
  static constexpr std::size_t for_result =
      sizeof(typename Traits::Real) * static_cast<std::size_t>(tile_rows * result_pitch);
  static constexpr std::size_t bytes = for_tiles > for_result ? for_tiles : for_result;
};

/// Eight warps: 2 by 2 of them share the tile, for each half of k.
template <class F, int width, class Then>
__global__ void __launch_bounds__(block_threads) multiply(F factors, ProductShape shape, Then use) {
  using Memory = ProductMemory<F, width>;
  using Traits = typename F::Traits;
  using Stored = typename Traits::Stored;
  using Real = typename Traits::Real;
  using Warp = WarpTile<Traits, width / 2>;
  Stored* const shared = shared_memory<Stored>();
  const int first_row = shape.first_row + static_cast<int>(blockIdx.y) * tile_rows;
  const int first_column = static_cast<int>(blockIdx.x) * width;
  const int steps = (shape.k + Traits::k_tile - 1) / Traits::k_tile;
  const auto begin_step = [&](int step) {
    if (step < steps) {
      Stored* const stage = shared + step % Memory::stages * Memory::of_stage;
      const int k = step * Traits::k_tile;
      begin_tile<Traits, F::rows_a, tile_rows, F::parts_a>(factors.A, first_row, shape.end_row, k,
                                                           shape.k, stage);
      begin_tile<Traits, F::rows_b, width, F::parts_b>(factors.B, first_column, shape.columns, k,
                                                       shape.k, stage + Memory::of_a);
    }
    close_copies();
  };
  const int warp = static_cast<int>(threadIdx.x / 32);
  const int m = warp % 2 * 32;
  const int n = warp / 2 % 2 * (width / 2);
  const int half = warp / 4;
  Warp sums;
  for (int step = 0; step < Memory::stages - 1; ++step) begin_step(step);
  for (int step = 0; step < steps; ++step) {
    wait_for_copies<Memory::stages - 2>();
    __syncthreads();
    begin_step(step + Memory::stages - 1);  // where all have read the step before
    const Stored* const stage = shared + step % Memory::stages * Memory::of_stage;
#pragma unroll
    for (int k = 0; k < Traits::k_tile / 2; k += Warp::k_step)
      sums.template add<F::parts_a, F::parts_b, typename Memory::TileA, typename Memory::TileB,
                        F::rows_a, F::rows_b>(stage, m, stage + Memory::of_a, n,
                                              half * (Traits::k_tile / 2) + k,
                                              shape.columns - first_column);
  }
  wait_for_copies<0>();
  __syncthreads();
  // The halves meet in shared memory, which then has the elements in the order of global memory.
  Real* const result = shared_memory<Real>();
  const auto place = [&](int row, int column) {
    return result + (m + row) * Memory::result_pitch + n + column;
  };
  if (half == 1) sums.for_each([&](int row, int column, Real c) { *place(row, column) = c; });
  __syncthreads();
  if (half == 0)
    sums.for_each([&](int row, int column, Real c) {
      Real* const at = place(row, column);
      *at = c + *at;
    });
  __syncthreads();
  const int rows = shape.end_row - first_row < tile_rows ? shape.end_row - first_row : tile_rows;
  const int column = static_cast<int>(threadIdx.x) % width;
  if (first_column + column < shape.columns)
    for (int row = static_cast<int>(threadIdx.x) / width; row < rows; row += block_threads / width)
      use(first_row + row, first_column + column, result[row * Memory::result_pitch + column]);
  // What fills up rows of the result, by the last block of these rows.
  const int padding = use.end_of_padding() - shape.columns;
  if (padding > 0 && blockIdx.x + 1 == gridDim.x)
    for (int i = static_cast<int>(threadIdx.x); i < rows * padding; i += block_threads)
      use.pad(first_row + i / padding, shape.columns + i % padding);
  use.finish();
}

template <int width, class F, class Then>
void launch_product(const F& factors, const ProductShape& shape, const Then& use,
                    cudaStream_t stream) {
  const auto across = static_cast<unsigned>(parts_of(shape.columns, width));
  const auto down = static_cast<unsigned>(parts_of(shape.end_row - shape.first_row, tile_rows));
  launch(multiply<F, width, Then>, {across, down}, block_threads, ProductMemory<F, width>::bytes,
         stream, factors, shape, use);
}

}  // namespace detail

/// Columns of the result that a block of threads works on: fewer where there would be too few
/// blocks to keep most of an H100's 132 multiprocessors busy.
[[nodiscard]] inline int tile_columns(const ProductShape& shape) {
  constexpr int wide = 64;
  constexpr int enough_blocks = 128;
  const int down = parts_of(shape.end_row - shape.first_row, tile_rows);
  return down * parts_of(shape.columns, wide) >= enough_blocks ? wide : wide / 2;
}
[[nodiscard]] inline int blocks_of(const ProductShape& shape) {
  return parts_of(shape.end_row - shape.first_row, tile_rows) *
         parts_of(shape.columns, tile_columns(shape));
}

/// Gives the stream a product and what `use` does with it:
///   use(row, column, c)   for every element, by the threads of a block that has its rows
///   use.pad(row, column)  for columns from the last one to use.end_of_padding()
///   use.finish()          by all threads of a block at last
template <class F, class Then>
void start_product(const F& factors, const ProductShape& shape, const Then& use,
                   cudaStream_t stream) {
  if (shape.first_row >= shape.end_row) return;
  if (tile_columns(shape) == 64)
    detail::launch_product<64>(factors, shape, use, stream);
  else
    detail::launch_product<32>(factors, shape, use, stream);
}

}  // namespace annmpi::device::cuda::mini_batch
