#pragma once

#include <cstdint>

#include "annmpi/network/unit_split.hpp"

#include "device/cuda/rows/features.hpp"
#include "device/cuda/runtime/instructions.cuh"
#include "device/cuda/runtime/pipeline.cuh"
#include "device/cuda/runtime/reduce.cuh"

namespace annmpi::device::cuda {

/// Warp layout of a thread block for delta^T X: each warp accumulates 8 in_lane columns and all
/// units, at most Groups groups, over the rows of a partial sum.
template <class ElementType, int GroupCount, int WarpCount>
struct NarrowBackwardShape {
  using Element = ElementType;
  static constexpr int Groups = GroupCount;
  static constexpr int Warps = WarpCount;

  static constexpr unsigned threads = Warps * warp_size;
  static constexpr int units = Groups * group_units;
  static constexpr int in_lane = sizeof(Element) == 8 ? 2 : 4;
  static constexpr int tiles = in_lane / 2;  ///< of 16 columns
  static constexpr int warp_columns = 8 * in_lane;
  static constexpr int columns = Warps * warp_columns;
  // A stage holds 32 rows, then their deltas. The pitches of both have 32 bytes of padding, so that
  // a warp reads four rows without bank conflicts.
  static constexpr int rows = 32;
  static constexpr int row_bytes = columns * static_cast<int>(sizeof(Element));
  static constexpr int row_pitch = row_bytes + 32;
  static constexpr int delta_pitch = units + 4;
  static constexpr int stage_bytes = rows * (row_pitch + delta_pitch * 8);
  static constexpr int stages = 3;
  static constexpr int result_pitch = columns + 4;
  static constexpr int result_bytes = units * result_pitch * 8;
  static constexpr int shared_bytes =
      stages * stage_bytes > result_bytes ? stages* stage_bytes : result_bytes;
  static constexpr int blocks_at_a_time = Groups == 1 ? 2 : 1;
  static_assert(units <= static_cast<int>(threads), "a thread for each bias");
};

/// Exact sums of partial sums (base/exact_sum.hpp), in rows of [b | W].
struct SplitSums {
  const network::UnitSplit* splits;
  double* highs;
  double* lows;
};

__device__ inline void add(const SplitSums& sums, long long at, double value,
                           const exact_sum::Split& split) {
  const exact_sum::Parts parts = exact_sum::parts_of(value, split);
  atomicAdd(sums.highs + at, parts.high);
  atomicAdd(sums.lows + at, parts.low);
}

/// Adds [sum_i delta_i | delta^T X]; delta [rows, units]. Grid, fastest index first: blocks of
/// columns, partial sums of `partial_rows` rows, chunks. Every element of a partial sum is
/// accumulated in one order over its rows.
template <class Shape>
__global__ void __launch_bounds__(Shape::threads, Shape::blocks_at_a_time)
    narrow_backward(FeatureMatrix<typename Shape::Element> X, long long chunk_rows,
                    long long partial_rows, const double* delta, int units, SplitSums sums) {
  using Element = typename Shape::Element;
  std::uint8_t* const shared = shared_memory<std::uint8_t>();
  const int thread = static_cast<int>(threadIdx.x);
  const int g = thread % 32 / 4;
  const int t = thread % 4;
  const int first_of_warp = thread / 32 * Shape::warp_columns;
  const int across = ceil_div(X.columns, Shape::columns);
  const int first_column = static_cast<int>(blockIdx.x) % across * Shape::columns;
  const long long partial = static_cast<long long>(blockIdx.x) / across;
  const long long in_a_chunk = ceil_div(chunk_rows, partial_rows);
  const long long chunk = partial / in_a_chunk * chunk_rows;
  const long long chunk_end = chunk + chunk_rows < X.rows ? chunk + chunk_rows : X.rows;
  const long long first_row = chunk + partial % in_a_chunk * partial_rows;
  const long long end = first_row + partial_rows < chunk_end ? first_row + partial_rows : chunk_end;
  if (first_row >= end) return;
  const int steps = static_cast<int>((end - first_row + Shape::rows - 1) / Shape::rows);
  const int groups = unit_groups(units);

  const auto load = [&](int step) {
    std::uint8_t* const stage = shared + step % Shape::stages * Shape::stage_bytes;
    const long long first = first_row + static_cast<long long>(step) * Shape::rows;
    constexpr int pieces = Shape::row_bytes / 16;  // of a row
    for (int i = thread; i < Shape::rows * pieces; i += static_cast<int>(Shape::threads)) {
      const long long row = first + i / pieces;
      const int column = first_column + i % pieces * (16 / static_cast<int>(sizeof(Element)));
      const bool there = row < end && column < X.stride;
      copy_async(stage + i / pieces * Shape::row_pitch + i % pieces * 16,
                 there ? X.data + row * X.stride + column : X.data, there ? 16 : 0);
    }
    auto* const deltas = reinterpret_cast<double*>(stage + Shape::rows * Shape::row_pitch);
    for (int i = thread; i < Shape::rows * Shape::units; i += static_cast<int>(Shape::threads)) {
      const int unit = i % Shape::units;
      const long long row = first + i / Shape::units;
      const bool there = row < end && unit < units;
      copy_8_async(deltas + i / Shape::units * Shape::delta_pitch + unit,
                   there ? delta + row * units + unit : delta, there ? 8 : 0);
    }
  };

  double products[Shape::tiles][Shape::Groups][4] = {};
  double bias = 0;
  const bool has_columns = first_column + first_of_warp < X.columns;
  const bool has_bias = first_column == 0 && thread < units;
  pipelined<Shape::stages>(steps, load, [&](int step) {
    const std::uint8_t* const stage = shared + step % Shape::stages * Shape::stage_bytes;
    const auto* const deltas =
        reinterpret_cast<const double*>(stage + Shape::rows * Shape::row_pitch);
    if (has_columns) {
#pragma unroll
      for (int eight = 0; eight < Shape::rows; eight += 8) {
        // Lane 4 g + t loads in_lane columns from in_lane g on, of rows t and t + 4. Two columns at
        // a time are the lane's g and g + 8 in the fragment.
        const std::uint8_t* const rows =
            stage + (eight + t) * Shape::row_pitch +
            (first_of_warp + g * Shape::in_lane) * static_cast<int>(sizeof(Element));
        const auto upper = load_pack<Element, Shape::in_lane>(rows);
        const auto lower = load_pack<Element, Shape::in_lane>(rows + 4 * Shape::row_pitch);
        double A[Shape::tiles][4];
#pragma unroll
        for (int m = 0; m < Shape::tiles; ++m)
#pragma unroll
          for (int x = 0; x < 4; ++x)
            A[m][x] = static_cast<double>((x < 2 ? upper : lower).x[2 * m + x % 2]);
#pragma unroll
        for (int n = 0; n < Shape::Groups; ++n) {
          if (n >= groups) break;
          const double* const of_lane =
              deltas + (eight + t) * Shape::delta_pitch + n * group_units + g;
          const double B[2] = {of_lane[0], of_lane[4 * Shape::delta_pitch]};
#pragma unroll
          for (int m = 0; m < Shape::tiles; ++m) mma_doubles(products[m][n], A[m], B);
        }
      }
    }
    if (has_bias)
      for (int row = 0; row < Shape::rows; ++row)
        bias = __dadd_rn(bias, deltas[row * Shape::delta_pitch + thread]);
  });

  // Through shared memory, so that the atomic additions of a unit are coalesced.
  wait_for_copies<0>();
  __syncthreads();
  double* const result = shared_memory<double>();
#pragma unroll
  for (int m = 0; m < Shape::tiles; ++m)
#pragma unroll
    for (int n = 0; n < Shape::Groups; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i)
        result[(n * group_units + 2 * t + i % 2) * Shape::result_pitch + first_of_warp +
               g * Shape::in_lane + 2 * m + i / 2] = products[m][n][i];
  __syncthreads();
  const long long row_length = X.columns + 1LL;
  for (int i = thread; i < units * Shape::columns; i += static_cast<int>(Shape::threads)) {
    const int unit = i / Shape::columns;
    const int column = i % Shape::columns;
    if (first_column + column < X.columns)
      add(sums, unit * row_length + 1 + first_column + column,
          result[unit * Shape::result_pitch + column], sums.splits[unit].weights);
  }
  if (has_bias) add(sums, thread * row_length, bias, sums.splits[thread].bias);
}

}  // namespace annmpi::device::cuda
