#pragma once

#include <cstdint>

#include "device/cuda/int8/byte_layout.cuh"
#include "device/cuda/runtime/instructions.cuh"
#include "device/cuda/runtime/reduce.cuh"

namespace annmpi::device::cuda {

/// The eight slices of q as bytes, lowest first.
__device__ inline std::uint64_t slice_bytes(long long q) {
  constexpr std::uint64_t middle = 0x8080808080808080ULL;
  return (static_cast<std::uint64_t>(q) + middle) ^ middle;
}

/// word_w of a sum: C_0 + 2^8 C_1 + 2^16 C_2 + 2^24 C_3.
__device__ inline long long joined(int c0, int c1, int c2, int c3) {
  return c0 + (static_cast<long long>(c1) << 8) + (static_cast<long long>(c2) << 16) +
         (static_cast<long long>(c3) << 24);
}

/// Reduces accumulators over the warps along k, in shared memory. each(work) calls
/// work(int* shared, int& sum) for every accumulator of this thread; `shared` is the same for the
/// threads of all warps along k. True for warp 0, which then has the sums. All threads of the block
/// call it.
template <class Each>
__device__ bool reduce_over_k(int warp_k, Each&& each) {
  wait_for_copies<0>();
  __syncthreads();
  if (warp_k == 0) each([](int* to, int& sum) { *to = sum; });
  __syncthreads();
  if (warp_k > 0) each([](int* to, int& sum) { atomicAdd(to, sum); });
  __syncthreads();
  if (warp_k > 0) return false;
  each([](const int* from, int& sum) { sum = *from; });
  return true;
}

inline constexpr unsigned pack_threads = 256;

/// Splits round(feature_scale * W) into slices relative to the largest weight of each unit; one
/// thread block per unit. `rows` are the layer's rows of [b | W].
template <int Slices>
__global__ void pack_weights(const double* rows, int inputs, double feature_scale,
                             unsigned* packed /* [..][columns / 4] */, UnitScale* scales) {
  __shared__ double warps[pack_threads / warp_size];
  __shared__ double to_whole;
  const int unit = static_cast<int>(blockIdx.x);
  const double* const row = rows + static_cast<long long>(unit) * (1 + inputs);
  const double* const weights = row + 1;
  const LargerMagnitude larger;
  double largest = 0;
  for (int c = static_cast<int>(threadIdx.x); c < inputs; c += static_cast<int>(pack_threads))
    largest = larger(largest, __dmul_rn(weights[c], feature_scale));
  largest = over_block(largest, 0.0, larger, warps);
  if (threadIdx.x == 0) {
    const byte_slices::Scale scale = byte_slices::scale_for(largest, Slices);
    to_whole = scale.to_whole;
    scales[unit] = {scale.from_whole, row[0]};
  }
  __syncthreads();
  constexpr int words = block_columns / 4;  // of four columns each
  const int group = unit / group_units;
  for (int quad = static_cast<int>(threadIdx.x); quad < column_blocks(inputs) * words;
       quad += static_cast<int>(pack_threads)) {
    std::uint64_t bytes[4];
    for (int i = 0; i < 4; ++i) {
      const int c = quad * 4 + i;
      const double weight = c < inputs ? __dmul_rn(weights[c], feature_scale) : 0.0;
      bytes[i] = slice_bytes(__double2ll_rn(__dmul_rn(weight, to_whole)));
    }
    const long long block = static_cast<long long>(group) * column_blocks(inputs) + quad / words;
#pragma unroll
    for (int k = 0; k < Slices; ++k) {
      unsigned word = 0;
      for (int i = 0; i < 4; ++i)
        word |= static_cast<unsigned>(bytes[i] >> (8 * k) & 0xff) << (8 * i);
      packed[((block * Slices + k) * group_units + unit % group_units) * words + quad % words] =
          word;
    }
  }
}

inline constexpr unsigned slice_threads = 256;

__device__ inline void add(long long* to, long long value) {
  if (value == 0) return;
  atomicAdd(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(value));
}

/// Splits deltas [rows, units] into slices: a thread block takes a group of units (blockIdx.y) and
/// row blocks with stride gridDim.x.
template <int Slices>
__global__ void slice_deltas(const double* deltas, long long rows, int units,
                             const byte_slices::Scale* scales, std::uint8_t* packed,
                             BiasSums sums) {
  static_assert(slice_threads == block_rows * group_units);
  __shared__ long long block_sums[3 * group_units];
  const int thread = static_cast<int>(threadIdx.x);
  const int u = thread % group_units;
  const int r = thread / group_units;
  const int group = static_cast<int>(blockIdx.y);
  const int unit = group * group_units + u;
  if (thread < 3 * group_units) block_sums[thread] = 0;
  const double to_whole = unit < units ? scales[unit].to_whole : 0.0;
  long long low = 0, high = 0, outside = 0;
  for (long long block = blockIdx.x; block < row_blocks(rows); block += gridDim.x) {
    const long long row = block * block_rows + r;
    if (unit >= units || row >= rows) continue;
    const double value = __dmul_rn(deltas[row * units + unit], to_whole);
    const long long q = __double2ll_rn(value);
    if (!(fabs(value) <= 0x1p62)) ++outside;
    low += q & 0xffffffff;
    high += q >> 32;
    const std::uint64_t bytes =
        slice_bytes(Slices == 8 ? q : __double2ll_rn(__dmul_rn(value, 0x1p-32)));
    std::uint8_t* const to =
        packed + (group * row_blocks(rows) + block) * (Slices * group_units * block_rows) + u * 64 +
        r / 8 * 16 + r % 8;
#pragma unroll
    for (int k = 0; k < Slices; ++k)
      to[k / 2 * 512 + k % 2 * 8] = static_cast<std::uint8_t>(bytes >> (8 * k));
  }
  // Lanes of the same unit are 8 apart.
  for (int distance = 8; distance < 32; distance *= 2) {
    low += __shfl_xor_sync(0xffffffffU, low, distance);
    high += __shfl_xor_sync(0xffffffffU, high, distance);
    outside += __shfl_xor_sync(0xffffffffU, outside, distance);
  }
  __syncthreads();
  if (thread % 32 < group_units) {
    add(block_sums + u, low);
    add(block_sums + group_units + u, high);
    add(block_sums + 2 * group_units + u, outside);
  }
  __syncthreads();
  if (thread < group_units && unit < units) {
    add(sums.low + unit, block_sums[thread]);
    add(sums.high + unit, block_sums[group_units + thread]);
    add(sums.outside + unit, block_sums[2 * group_units + thread]);
  }
}

}  // namespace annmpi::device::cuda
