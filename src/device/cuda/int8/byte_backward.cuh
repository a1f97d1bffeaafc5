#pragma once

#include "device/cuda/int8/byte_slices.cuh"
#include "device/cuda/runtime/instructions.cuh"
#include "device/cuda/runtime/pipeline.cuh"

namespace annmpi::device::cuda {

/// Warp layout of a thread block for delta^T X, m being columns, n units and k rows: each warp
/// accumulates 64 columns and a group of 8 units over its share of k.
template <int SliceCount, int WarpCountK, int WarpCountM, int WarpCountN>
struct BackwardShape {
  static constexpr int Slices = SliceCount;
  static constexpr int WarpsK = WarpCountK;
  static constexpr int WarpsM = WarpCountM;
  static constexpr int WarpsN = WarpCountN;

  static constexpr int warps = WarpsK * WarpsM * WarpsN;
  static constexpr unsigned threads = warps * warp_size;
  static constexpr int columns = WarpsM * block_columns;  ///< of a block
  static constexpr int sums = 4 * Slices * 4;             ///< accumulators per lane
  // A stage holds 32 rows for each warp along k, then their slices. Rows 8 t + r, t = 0 .. 3, are
  // adjacent, and the pitch has 32 bytes of padding: half a warp reads without bank conflicts.
  static constexpr int row_pitch = columns + 32;
  static constexpr int row_bytes = WarpsK * block_rows * row_pitch;
  static constexpr int slice_block = Slices * group_units * block_rows;
  static constexpr int stage_bytes = row_bytes + WarpsK * WarpsN * slice_block;
  static constexpr int stages = 3;
  static constexpr int reduction_bytes = WarpsK > 1 ? WarpsM* WarpsN* sums * 128 : 0;
  static constexpr int shared_bytes =
      stages * stage_bytes > reduction_bytes ? stages* stage_bytes : reduction_bytes;
};

/// Transposes bytes [4 rows][4 columns] in place.
__device__ inline void transpose_4x4(unsigned (&words)[4]) {
  const unsigned a = __byte_perm(words[0], words[1], 0x5140);
  const unsigned b = __byte_perm(words[2], words[3], 0x5140);
  const unsigned c = __byte_perm(words[0], words[1], 0x7362);
  const unsigned d = __byte_perm(words[2], words[3], 0x7362);
  words[0] = __byte_perm(a, b, 0x5410);
  words[1] = __byte_perm(a, b, 0x7632);
  words[2] = __byte_perm(c, d, 0x5410);
  words[3] = __byte_perm(c, d, 0x7632);
}

/// Adds sum_i delta_i x_i to words [Slices / 4][units][columns], from the slices of slice_deltas().
/// Grid, fastest index first: blocks of columns, of units, and runs of `run` rows, a multiple of
/// 32 WarpsK and at most byte_slices::most_terms.
template <class Shape>
__global__ void __launch_bounds__(Shape::threads, 1)
    byte_backward(FeatureMatrix<std::uint8_t> X, const std::uint8_t* packed, int units,
                  long long run, long long* words) {
  std::uint8_t* const shared = shared_memory<std::uint8_t>();
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % 32;
  const int warp = thread / 32;
  const int warp_k = warp / (Shape::WarpsM * Shape::WarpsN);
  const int warp_m = warp / Shape::WarpsN % Shape::WarpsM;
  const int warp_n = warp % Shape::WarpsN;
  const int groups = unit_groups(units);
  const int across = ceil_div(X.columns, Shape::columns);
  const int side = ceil_div(groups, Shape::WarpsN);
  const int first_column = static_cast<int>(blockIdx.x) % across * Shape::columns;
  const int first_group = static_cast<int>(blockIdx.x) / across % side * Shape::WarpsN;
  const long long first_row = static_cast<long long>(blockIdx.x) / across / side * run;
  const long long end = first_row + run < X.rows ? first_row + run : X.rows;
  constexpr int step_rows = Shape::WarpsK * block_rows;
  const int steps = static_cast<int>((end - first_row + step_rows - 1) / step_rows);

  const auto load = [&](int step) {
    std::uint8_t* const stage = shared + step % Shape::stages * Shape::stage_bytes;
    const long long row_of_step = first_row + static_cast<long long>(step) * step_rows;
    constexpr int pieces = Shape::columns / 16;  // of a row
#pragma unroll
    for (int i = thread; i < step_rows * pieces; i += static_cast<int>(Shape::threads)) {
      const int r = i / pieces % block_rows;
      const int k_warp = i / pieces / block_rows;
      const long long row = row_of_step + i / pieces;
      const int column = first_column + i % pieces * 16;
      const bool there = row < end && column < X.stride;
      copy_async(
          stage + (k_warp * block_rows + r % 8 * 4 + r / 8) * Shape::row_pitch + i % pieces * 16,
          there ? X.data + row * X.stride + column : X.data, there ? 16 : 0);
    }
    constexpr int block_pieces = Shape::slice_block / 16;
#pragma unroll
    for (int i = thread; i < Shape::WarpsK * Shape::WarpsN * block_pieces;
         i += static_cast<int>(Shape::threads)) {
      const int group = first_group + i / block_pieces % Shape::WarpsN;
      const long long block = row_of_step / block_rows + i / (block_pieces * Shape::WarpsN);
      const bool there = group < groups && block < row_blocks(end);
      copy_async(stage + Shape::row_bytes + i * 16,
                 there ? packed + (group * row_blocks(X.rows) + block) * Shape::slice_block +
                             i % block_pieces * 16
                       : packed,
                 there ? 16 : 0);
    }
  };

  int sums[4][Shape::Slices][4] = {};
  pipelined<Shape::stages>(steps, load, [&](int step) {
    const std::uint8_t* const stage = shared + step % Shape::stages * Shape::stage_bytes;
    // Lane 4 g + t loads columns 8 g to 8 g + 7 of rows 8 t to 8 t + 7.
    const std::uint8_t* const rows = stage + (warp_k * block_rows + lane % 4) * Shape::row_pitch +
                                     warp_m * block_columns + lane / 4 * 8;
    unsigned transposed[2][2][4];  // [first or last four rows][.. columns][column]
#pragma unroll
    for (int r = 0; r < 8; ++r) {
      const uint2 bytes = *reinterpret_cast<const uint2*>(rows + r * 4 * Shape::row_pitch);
      transposed[r / 4][0][r % 4] = bytes.x;
      transposed[r / 4][1][r % 4] = bytes.y;
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) transpose_4x4(transposed[i / 2][i % 2]);
    const auto* const slices =
        reinterpret_cast<const uint4*>(stage + Shape::row_bytes +
                                       (warp_k * Shape::WarpsN + warp_n) * Shape::slice_block) +
        lane;
#pragma unroll
    for (int pair = 0; pair < Shape::Slices / 2; ++pair) {
      const uint4 b = slices[pair * 32];
      const unsigned even[2] = {b.x, b.y}, odd[2] = {b.z, b.w};
#pragma unroll
      for (int m = 0; m < 4; ++m) {  // columns 8 g + 2 m in the upper half, the next in the lower
        const unsigned a[4] = {transposed[0][m / 2][m % 2 * 2], transposed[0][m / 2][m % 2 * 2 + 1],
                               transposed[1][m / 2][m % 2 * 2],
                               transposed[1][m / 2][m % 2 * 2 + 1]};
        mma_u8s8(sums[m][2 * pair], a, even);
        mma_u8s8(sums[m][2 * pair + 1], a, odd);
      }
    }
  });

  if constexpr (Shape::WarpsK > 1) {
    int* const all =
        shared_memory<int>() + (warp_m * Shape::WarpsN + warp_n) * Shape::sums * 32 + lane;
    const auto each = [&](auto&& work) {
#pragma unroll
      for (int i = 0; i < Shape::sums; ++i)
        work(all + i * 32, sums[i / (Shape::Slices * 4)][i / 4 % Shape::Slices][i % 4]);
    };
    if (!reduce_over_k(warp_k, each)) return;
  }

  const int unit = (first_group + warp_n) * group_units + lane % 4 * 2;
  const int column = first_column + warp_m * block_columns + lane / 4 * 8;
#pragma unroll
  for (int m = 0; m < 4; ++m)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int its_unit = unit + i % 2;
      const int its_column = column + 2 * m + i / 2;
      if (its_unit >= units || its_column >= X.columns) continue;
#pragma unroll
      for (int w = 0; w < Shape::Slices / 4; ++w)
        add(words + (static_cast<long long>(w) * units + its_unit) * X.columns + its_column,
            joined(sums[m][4 * w][i], sums[m][4 * w + 1][i], sums[m][4 * w + 2][i],
                   sums[m][4 * w + 3][i]));
    }
}

/// Integer sums to be rounded, in rows of [b | W]; sums of weights are multiplied by
/// `feature_scale`.
template <int Slices>
struct ByteSums {
  long long* words;
  BiasSums biases;
  const byte_slices::Scale* scales;
  int units;
  int columns;
  double feature_scale;
};

/// NaN for units with deltas beyond their bound.
template <int Slices>
__device__ double rounded(const ByteSums<Slices>& sums, long long i) {
  const long long unit = i / (sums.columns + 1);
  const long long c = i % (sums.columns + 1) - 1;
  const double scale = sums.biases.outside[unit] == 0 ? sums.scales[unit].from_whole
                                                      : __longlong_as_double(0x7ff8000000000000LL);
  if (c < 0)
    return __dmul_rn(scale, byte_slices::value_of(sums.biases.high[unit], sums.biases.low[unit]));
  const long long low = sums.words[unit * sums.columns + c];
  double value = 0;
  if constexpr (Slices == 8) {
    const long long high =
        sums.words[(static_cast<long long>(sums.units) + unit) * sums.columns + c];
    value = __dmul_rn(scale, byte_slices::value_of(high, low));
  } else {
    value = __dmul_rn(__dmul_rn(0x1p32, scale), __ll2double_rn(low));
  }
  return __dmul_rn(value, sums.feature_scale);
}
/// Clears the words alone: the other sums are shared by all elements of a unit.
template <int Slices>
__device__ void clear(const ByteSums<Slices>& sums, long long i) {
  const long long unit = i / (sums.columns + 1);
  const long long c = i % (sums.columns + 1) - 1;
  if (c < 0) return;
  sums.words[unit * sums.columns + c] = 0;
  if constexpr (Slices == 8)
    sums.words[(static_cast<long long>(sums.units) + unit) * sums.columns + c] = 0;
}

}  // namespace annmpi::device::cuda
