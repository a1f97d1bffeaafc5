#pragma once

#include "device/cuda/gemm/tiles.cuh"
#include "device/cuda/runtime/launch.hpp"

/// C (m, n) = sum_k A (m, k) B (k, n) with a fused epilogue.
///
/// Every element is accumulated in one order over k, in two halves of each step of k_tile, in
/// whatever tile it lies: its bits depend on its row of A, its column of B and k alone.
namespace annmpi::device::cuda::mini_batch {

/// A and B with their layouts and the planes that are read.
template <class Traits_, int planes_a_, Rows rows_a_, int planes_b_, Rows rows_b_>
struct Operands {
  using Traits = Traits_;
  static constexpr int planes_a = planes_a_;
  static constexpr int planes_b = planes_b_;
  static constexpr Rows rows_a = rows_a_;
  static constexpr Rows rows_b = rows_b_;
  Operand<Traits> A;
  Operand<Traits> B;
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
  static constexpr int of_a = F::planes_a * TileA::size;
  static constexpr int of_stage = of_a + F::planes_b * TileB::size;
  static constexpr int result_pitch = width + 8;
  static constexpr std::size_t for_tiles =
      sizeof(typename Traits::Stored) * static_cast<std::size_t>(stages * of_stage);
  static constexpr std::size_t for_result =
      sizeof(typename Traits::Real) * static_cast<std::size_t>(tile_rows * result_pitch);
  static constexpr std::size_t bytes = for_tiles > for_result ? for_tiles : for_result;
};

/// Eight warps: 2 by 2 of them share the tile, for each half of a k tile.
template <class F, int width, class Epilogue>
__global__ void __launch_bounds__(block_threads)
    multiply(F operands, ProductShape shape, Epilogue epilogue) {
  using Memory = ProductMemory<F, width>;
  using Traits = typename F::Traits;
  using Stored = typename Traits::Stored;
  using Real = typename Traits::Real;
  using Warp = WarpTile<Traits, width / 2>;
  Stored* const shared = shared_memory<Stored>();
  const int first_row = shape.first_row + static_cast<int>(blockIdx.y) * tile_rows;
  const int first_column = static_cast<int>(blockIdx.x) * width;
  const int steps = (shape.k + Traits::k_tile - 1) / Traits::k_tile;
  const auto load = [&](int step) {
    if (step < steps) {
      Stored* const stage = shared + step % Memory::stages * Memory::of_stage;
      const int k = step * Traits::k_tile;
      copy_tile_async<Traits, F::rows_a, tile_rows, F::planes_a>(operands.A, first_row,
                                                                 shape.end_row, k, shape.k, stage);
      copy_tile_async<Traits, F::rows_b, width, F::planes_b>(
          operands.B, first_column, shape.columns, k, shape.k, stage + Memory::of_a);
    }
    commit_copies();
  };
  const int warp = static_cast<int>(threadIdx.x / 32);
  const int m = warp % 2 * 32;
  const int n = warp / 2 % 2 * (width / 2);
  const int half = warp / 4;
  Warp sums;
  for (int step = 0; step < Memory::stages - 1; ++step) load(step);
  for (int step = 0; step < steps; ++step) {
    wait_for_copies<Memory::stages - 2>();
    __syncthreads();
    load(step + Memory::stages - 1);  // into the stage that all warps have read
    const Stored* const stage = shared + step % Memory::stages * Memory::of_stage;
#pragma unroll
    for (int k = 0; k < Traits::k_tile / 2; k += Warp::k_step)
      sums.template add<F::planes_a, F::planes_b, typename Memory::TileA, typename Memory::TileB,
                        F::rows_a, F::rows_b>(stage, m, stage + Memory::of_a, n,
                                              half * (Traits::k_tile / 2) + k,
                                              shape.columns - first_column);
  }
  wait_for_copies<0>();
  __syncthreads();
  // The halves of k are added in shared memory, from where writes are coalesced.
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
      epilogue(first_row + row, first_column + column, result[row * Memory::result_pitch + column]);
  // The last block of a row of blocks pads the rows of the result.
  const int padding = epilogue.end_of_padding() - shape.columns;
  if (padding > 0 && blockIdx.x + 1 == gridDim.x)
    for (int i = static_cast<int>(threadIdx.x); i < rows * padding; i += block_threads)
      epilogue.pad(first_row + i / padding, shape.columns + i % padding);
  epilogue.finish();
}

template <int width, class F, class Epilogue>
void launch_product(const F& operands, const ProductShape& shape, const Epilogue& epilogue,
                    cudaStream_t stream) {
  const auto across = static_cast<unsigned>(ceil_div(shape.columns, width));
  const auto down = static_cast<unsigned>(ceil_div(shape.end_row - shape.first_row, tile_rows));
  launch(multiply<F, width, Epilogue>, {across, down}, block_threads,
         ProductMemory<F, width>::bytes, stream, operands, shape, epilogue);
}

}  // namespace detail

/// Columns of the result that a thread block computes: fewer where the grid would leave many of an
/// H100's 132 multiprocessors idle.
[[nodiscard]] inline int tile_columns(const ProductShape& shape) {
  constexpr int wide = 64;
  constexpr int few_blocks = 128;
  const int down = ceil_div(shape.end_row - shape.first_row, tile_rows);
  return down * ceil_div(shape.columns, wide) >= few_blocks ? wide : wide / 2;
}
[[nodiscard]] inline int blocks_of(const ProductShape& shape) {
  return ceil_div(shape.end_row - shape.first_row, tile_rows) *
         ceil_div(shape.columns, tile_columns(shape));
}

/// Launches a product with an epilogue:
///   epilogue(row, column, c)   for every element, by a thread of the block that computed it
///   epilogue.pad(row, column)  for columns from the last one to epilogue.end_of_padding()
///   epilogue.finish()          by all threads of a block, last
template <class F, class Epilogue>
void start_product(const F& operands, const ProductShape& shape, const Epilogue& epilogue,
                   cudaStream_t stream) {
  if (shape.first_row >= shape.end_row) return;
  if (tile_columns(shape) == 64)
    detail::launch_product<64>(operands, shape, epilogue, stream);
  else
    detail::launch_product<32>(operands, shape, epilogue, stream);
}

}  // namespace annmpi::device::cuda::mini_batch
