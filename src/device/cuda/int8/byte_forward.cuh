#pragma once

#include "device/cuda/int8/byte_slices.cuh"
#include "device/cuda/runtime/instructions.cuh"
#include "device/cuda/runtime/pipeline.cuh"

namespace annmpi::device::cuda {

/// Warp layout of a thread block for Z = X W^T + b, m being rows, n units and k columns: each warp
/// accumulates 16 Tiles rows and Groups groups of units over its share of k.
template <int SliceCount, int TileCount, int GroupCount, int WarpCountK, int WarpCountM,
          int WarpCountN>
struct ForwardShape {
  static constexpr int Slices = SliceCount;
  static constexpr int Tiles = TileCount;    ///< of 16 rows, per warp
  static constexpr int Groups = GroupCount;  ///< of 8 units, per warp
  static constexpr int WarpsK = WarpCountK;
  static constexpr int WarpsM = WarpCountM;
  static constexpr int WarpsN = WarpCountN;

  static constexpr int warps = WarpsK * WarpsM * WarpsN;
  static constexpr unsigned threads = warps * warp_size;
  static constexpr int rows = WarpsM * Tiles * 16;     ///< of a block
  static constexpr int unit_groups = WarpsN * Groups;  ///< of a block
  static constexpr int strips = Groups * Slices;       ///< accumulator tiles of 8 columns per warp
  static constexpr int sums = Tiles * strips * 4;      ///< accumulators per lane
  // A stage holds 64 columns for each warp along k: rows, then slices of weights.
  static constexpr int row_bytes = WarpsK * rows * block_columns;
  static constexpr int slice_block = Slices * group_units * block_columns;
  static constexpr int stage_bytes = row_bytes + WarpsK * unit_groups * slice_block;
  static constexpr int stages = 3;
  static constexpr int reduction_bytes = WarpsK > 1 ? WarpsM* WarpsN* sums * 128 : 0;
  static constexpr int shared_bytes =
      stages * stage_bytes > reduction_bytes ? stages* stage_bytes : reduction_bytes;
  /// Occupancy that shared memory and registers allow.
  static constexpr int blocks_at_a_time = sums <= 64 && shared_bytes <= 80 << 10 ? 2 : 1;
};

/// Z [rows, units] from the slices of pack_weights(). Sums over columns are exact until they are
/// joined, in whatever order. Blocks of the same rows are adjacent in the grid, so that rows are
/// read from DRAM once; row blocks from `set_blocks` on belong to the other set.
template <class Shape>
__global__ void __launch_bounds__(Shape::threads, Shape::blocks_at_a_time)
    byte_forward(ForwardSet<std::uint8_t> set, ForwardSet<std::uint8_t> other, long long set_blocks,
                 const std::uint8_t* packed, const UnitScale* scales, int units) {
  std::uint8_t* const shared = shared_memory<std::uint8_t>();
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32;
  const int warp = thread / 32;
  const int warp_k = warp / (Shape::WarpsM * Shape::WarpsN);
  const int warp_m = warp / Shape::WarpsN % Shape::WarpsM;
  const int warp_n = warp % Shape::WarpsN;
  const int groups = unit_groups(units);
  const int side = ceil_div(groups, Shape::unit_groups);
  const long long block = static_cast<long long>(blockIdx.x) / side;
  const bool is_other = block >= set_blocks;
  const FeatureMatrix<std::uint8_t> X = is_other ? other.X : set.X;
  double* const Z = is_other ? other.Z : set.Z;
  const long long first_row = (is_other ? block - set_blocks : block) * Shape::rows;
  const int blocks = column_blocks(X.columns);
  const int first_group = static_cast<int>(blockIdx.x) % side * Shape::unit_groups;
  const int steps = ceil_div(blocks, Shape::WarpsK);

  const auto load = [&](int step) {
    std::uint8_t* const stage = shared + step % Shape::stages * Shape::stage_bytes;
    constexpr int row_pieces = Shape::row_bytes / 16;
#pragma unroll 1
    for (int i = thread; i < row_pieces; i += static_cast<int>(Shape::threads)) {
      const int k_warp = i / (Shape::rows * 4);
      const long long row = first_row + i / 4 % Shape::rows;
      const int column = (step * Shape::WarpsK + k_warp) * block_columns + i % 4 * 16;
      const bool there = row < X.rows && column < X.stride;
      copy_async(stage + i * 16, there ? X.data + row * X.stride + column : X.data, there ? 16 : 0);
    }
    constexpr int block_pieces = Shape::slice_block / 16;
#pragma unroll 1
    for (int i = thread; i < Shape::WarpsK * Shape::unit_groups * block_pieces;
         i += static_cast<int>(Shape::threads)) {
      const int k_warp = i / (Shape::unit_groups * block_pieces);
      const int group = first_group + i / block_pieces % Shape::unit_groups;
      const int columns = step * Shape::WarpsK + k_warp;
      const bool there = group < groups && columns < blocks;
      copy_async(
          stage + Shape::row_bytes + i * 16,
          there ? packed + (static_cast<long long>(group) * blocks + columns) * Shape::slice_block +
                      i % block_pieces * 16
                : packed,
          there ? 16 : 0);
    }
  };

  int sums[Shape::Tiles][Shape::strips][4] = {};
  pipelined<Shape::stages>(steps, load, [&](int step) {
    const std::uint8_t* const stage = shared + step % Shape::stages * Shape::stage_bytes;
    // Lane 4 g + t loads columns 16 t to 16 t + 15 of rows g and g + 8: fragments of two mma.
    const auto* const rows =
        reinterpret_cast<const uint4*>(stage) +
        (warp_k * Shape::rows + warp_m * Shape::Tiles * 16) * (block_columns / 16) + lane;
    const auto* const slices =
        reinterpret_cast<const uint4*>(stage + Shape::row_bytes) +
        (warp_k * Shape::unit_groups + warp_n * Shape::Groups) * (Shape::slice_block / 16) + lane;
    uint4 upper[Shape::Tiles], lower[Shape::Tiles];
#pragma unroll
    for (int m = 0; m < Shape::Tiles; ++m) {
      upper[m] = rows[m * 64];
      lower[m] = rows[m * 64 + 32];
    }
#pragma unroll
    for (int n = 0; n < Shape::strips; ++n) {
      const uint4 b = slices[n * 32];
      const unsigned first[2] = {b.x, b.y}, second[2] = {b.z, b.w};
#pragma unroll
      for (int m = 0; m < Shape::Tiles; ++m) {
        const unsigned a[4] = {upper[m].x, lower[m].x, upper[m].y, lower[m].y};
        mma_u8s8(sums[m][n], a, first);
      }
#pragma unroll
      for (int m = 0; m < Shape::Tiles; ++m) {
        const unsigned a[4] = {upper[m].z, lower[m].z, upper[m].w, lower[m].w};
        mma_u8s8(sums[m][n], a, second);
      }
    }
  });

  if constexpr (Shape::WarpsK > 1) {
    int* const all =
        shared_memory<int>() + (warp_m * Shape::WarpsN + warp_n) * Shape::sums * 32 + lane;
    const auto each = [&](auto&& work) {
#pragma unroll
      for (int i = 0; i < Shape::sums; ++i)
        work(all + i * 32, sums[i / (Shape::strips * 4)][i / 4 % Shape::strips][i % 4]);
    };
    if (!reduce_over_k(warp_k, each)) return;
  }

#pragma unroll
  for (int eight = 0; eight < 2 * Shape::Tiles; ++eight) {
    const long long row = first_row + warp_m * Shape::Tiles * 16 + eight * 8 + lane / 4;
    if (row >= X.rows) continue;
#pragma unroll
    for (int i = 0; i < 2 * Shape::Groups; ++i) {
      const int group = i / 2;
      const int unit =
          (first_group + warp_n * Shape::Groups + group) * group_units + lane % 4 * 2 + i % 2;
      if (unit >= units) continue;
      const auto slice = [&](int k) {
        return sums[eight / 2][group * Shape::Slices + k][eight % 2 * 2 + i % 2];
      };
      double whole = __ll2double_rn(joined(slice(0), slice(1), slice(2), slice(3)));
      if constexpr (Shape::Slices == 8)
        whole =
            __fma_rn(__ll2double_rn(joined(slice(4), slice(5), slice(6), slice(7))), 0x1p32, whole);
      const UnitScale scale = scales[unit];
      Z[row * units + unit] = __dadd_rn(__dmul_rn(whole, scale.scale), scale.bias);
    }
  }
}

}  // namespace annmpi::device::cuda
