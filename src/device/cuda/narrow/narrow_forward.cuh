#pragma once

#include <cstdint>

#include "device/cuda/rows/features.hpp"
#include "device/cuda/runtime/instructions.cuh"
#include "device/cuda/runtime/pipeline.cuh"
#include "device/cuda/runtime/reduce.cuh"

namespace annmpi::device::cuda {

/// Warp layout of a thread block for Z = X W^T + b: each warp accumulates 16 Tiles rows and all
/// units, at most Groups groups, over all columns.
template <class ElementType, int GroupCount, int TileCount, int WarpCount>
struct NarrowForwardShape {
  using Element = ElementType;
  static constexpr int Groups = GroupCount;
  static constexpr int Tiles = TileCount;
  static constexpr int Warps = WarpCount;

  static constexpr unsigned threads = Warps * warp_size;
  static constexpr int rows = Warps * Tiles * 16;
  // A stage holds strips of 64 bytes of each row, the rows of a strip adjacent: a quarter warp
  // reads 16 bytes per lane of two rows without bank conflicts.
  static constexpr int in_lane = 16 / static_cast<int>(sizeof(Element));
  static constexpr int strips = in_lane >= 8 ? 1 : 2;
  static constexpr int columns = strips * 4 * in_lane;
  static constexpr int row_bytes = strips * rows * 64;
  // Then the weights of these columns, in doubles. The pitch avoids conflicts between two units
  // (for bytes some remain).
  static constexpr int pitch = columns + (in_lane == 2 ? 8 : 2);
  static constexpr int stage_bytes = row_bytes + Groups * group_units * pitch * 8;
  static constexpr int stages = 3;
  static constexpr int shared_bytes = stages * stage_bytes;
  /// Occupancy that shared memory and registers allow.
  static constexpr int blocks_at_a_time = Groups == 1 ? 2 : 1;
};

/// Z [rows, units] = scale X W^T + b from a layer's rows of [b | W]. Each element is accumulated in
/// one order over the columns. Blocks from `set_blocks` on belong to the other set.
template <class Shape>
__global__ void __launch_bounds__(Shape::threads, Shape::blocks_at_a_time)
    narrow_forward(ForwardSet<typename Shape::Element> set,
                   ForwardSet<typename Shape::Element> other, long long set_blocks,
                   const double* parameters, double scale, int units) {
  using Element = typename Shape::Element;
  std::uint8_t* const shared = shared_memory<std::uint8_t>();
  const int thread = static_cast<int>(threadIdx.x);
  const int g = thread % 32 / 4;
  const int t = thread % 4;
  const int first_of_warp = thread / 32 * Shape::Tiles * 16;
  const bool is_other = static_cast<long long>(blockIdx.x) >= set_blocks;
  const FeatureMatrix<Element> X = is_other ? other.X : set.X;
  double* const Z = is_other ? other.Z : set.Z;
  const long long first_row =
      (static_cast<long long>(blockIdx.x) - (is_other ? set_blocks : 0)) * Shape::rows;
  const long long row_length = X.columns + 1LL;
  const int steps = ceil_div(X.columns, Shape::columns);
  const int groups = unit_groups(units);

  const auto load = [&](int step) {
    std::uint8_t* const stage = shared + step % Shape::stages * Shape::stage_bytes;
    const int first_column = step * Shape::columns;
    constexpr int pieces = 4 * Shape::strips;  // of a row
    for (int i = thread; i < Shape::rows * pieces; i += static_cast<int>(Shape::threads)) {
      const int piece = i % pieces;
      const long long row = first_row + i / pieces;
      const int column = first_column + piece * Shape::in_lane;
      const bool there = row < X.rows && column < X.stride;
      copy_async(stage + (piece / 4 * Shape::rows + i / pieces) * 64 + piece % 4 * 16,
                 there ? X.data + row * X.stride + column : X.data, there ? 16 : 0);
    }
    auto* const weights = reinterpret_cast<double*>(stage + Shape::row_bytes);
    for (int i = thread; i < groups * group_units * Shape::columns;
         i += static_cast<int>(Shape::threads)) {
      const int unit = i / Shape::columns;
      const int column = first_column + i % Shape::columns;
      const bool there = unit < units && column < X.columns;
      copy_8_async(weights + unit * Shape::pitch + i % Shape::columns,
                   there ? parameters + unit * row_length + 1 + column : parameters, there ? 8 : 0);
    }
  };

  double sums[Shape::Tiles][Shape::Groups][4] = {};
  pipelined<Shape::stages>(steps, load, [&](int step) {
    const std::uint8_t* const stage = shared + step % Shape::stages * Shape::stage_bytes;
#pragma unroll
    for (int strip = 0; strip < Shape::strips; ++strip) {
      // Lane 4 g + t loads 16 bytes, in_lane columns, of rows g and g + 8. Two columns at a time
      // are the lane's t and t + 4 in the fragment.
      const std::uint8_t* const rows =
          stage + (strip * Shape::rows + first_of_warp + g) * 64 + t * 16;
      const double* const weights = reinterpret_cast<const double*>(stage + Shape::row_bytes) +
                                    g * Shape::pitch + (strip * 4 + t) * Shape::in_lane;
      Pack<Element, Shape::in_lane> upper[Shape::Tiles], lower[Shape::Tiles];
#pragma unroll
      for (int m = 0; m < Shape::Tiles; ++m) {
        upper[m] = load_pack<Element, Shape::in_lane>(rows + m * 16 * 64);
        lower[m] = load_pack<Element, Shape::in_lane>(rows + (m * 16 + 8) * 64);
      }
#pragma unroll
      for (int k = 0; k < Shape::in_lane; k += 2) {
        double A[Shape::Tiles][4];
#pragma unroll
        for (int m = 0; m < Shape::Tiles; ++m)
#pragma unroll
          for (int x = 0; x < 4; ++x)
            A[m][x] = static_cast<double>((x % 2 == 0 ? upper : lower)[m].x[k + x / 2]);
#pragma unroll
        for (int n = 0; n < Shape::Groups; ++n) {
          if (n >= groups) break;
          const auto B = load_pack<double, 2>(weights + n * group_units * Shape::pitch + k);
#pragma unroll
          for (int m = 0; m < Shape::Tiles; ++m) mma_doubles(sums[m][n], A[m], B.x);
        }
      }
    }
  });

#pragma unroll
  for (int n = 0; n < Shape::Groups; ++n)
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const int unit = n * group_units + 2 * t + i;
      if (unit >= units) continue;
      const double bias = parameters[unit * row_length];
#pragma unroll
      for (int eight = 0; eight < 2 * Shape::Tiles; ++eight) {
        const long long row = first_row + first_of_warp + eight * 8 + g;
        if (row < X.rows)
          Z[row * units + unit] = __fma_rn(sums[eight / 2][n][eight % 2 * 2 + i], scale, bias);
      }
    }
}

}  // namespace annmpi::device::cuda
