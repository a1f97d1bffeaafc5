#pragma once

#include <cuda_runtime.h>

/// Reductions over a warp, a block or a grid, each in a fixed order.
namespace annmpi::device::cuda {

inline constexpr unsigned warp_size = 32;

/// Sum; of doubles never contracted to a fused multiply-add.
struct Add {
  __device__ double operator()(double x, double y) const { return __dadd_rn(x, y); }
  __device__ long long operator()(long long x, long long y) const { return x + y; }
};

/// The larger magnitude; NaN is larger than all numbers.
struct LargerMagnitude {
  __device__ double operator()(double x, double y) const {
    const long long a = __double_as_longlong(x) & 0x7fffffffffffffffLL;
    const long long b = __double_as_longlong(y) & 0x7fffffffffffffffLL;
    return __longlong_as_double(a > b ? a : b);
  }
};

/// Reduces over the lanes of a warp; all lanes get the result.
template <class Number, class Combine>
__device__ Number over_warp(Number value, Combine combine) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2)
    value = combine(value, __shfl_xor_sync(0xffffffffU, value, distance));
  return value;
}

/// Reduces over a block; the lanes of the first warp get the result, the others `identity`.
/// `shared` has an element for each warp. All threads of the block call it.
template <class Number, class Combine>
__device__ Number over_block(Number value, Number identity, Combine combine, Number* shared) {
  value = over_warp(value, combine);
  const unsigned warps = blockDim.x / warp_size;
  __syncthreads();  // other warps may still read the result of an earlier call
  if (threadIdx.x % warp_size == 0) shared[threadIdx.x / warp_size] = value;
  __syncthreads();
  if (threadIdx.x / warp_size > 0) return identity;
  return over_warp(threadIdx.x < warps ? shared[threadIdx.x] : identity, combine);
}

/// Whether this block is the last of `blocks` to call it; it then sees what the others wrote
/// before. The counter is 0 before and after. All threads of the block call it.
__device__ inline bool is_last_block(unsigned* counter, unsigned blocks) {
  __shared__ bool last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    last = atomicAdd(counter, 1U) + 1 == blocks;
    if (last) *counter = 0;
  }
  __syncthreads();
  __threadfence();
  return last;
}

}  // namespace annmpi::device::cuda
