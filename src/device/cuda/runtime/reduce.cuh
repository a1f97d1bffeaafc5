#pragma once

#include <cuda_runtime.h>

/// Sums over a warp, a block, a grid, each in one fixed order.
namespace annmpi::device::cuda {

inline constexpr unsigned warp_size = 32;

/// x + y of doubles, never fused with anything.
struct Add {
  __device__ double operator()(double x, double y) const { return __dadd_rn(x, y); }
  __device__ long long operator()(long long x, long long y) const { return x + y; }
};

/// The larger magnitude; what is not a number is the largest of all.
struct LargerMagnitude {
  __device__ double operator()(double x, double y) const {
    const long long a = __double_as_longlong(x) & 0x7fffffffffffffffLL;
    const long long b = __double_as_longlong(y) & 0x7fffffffffffffffLL;
    return __longlong_as_double(a > b ? a : b);
  }
};

/// The values of all lanes put together, in all lanes.
template <class Number, class Combine>
__device__ Number over_warp(Number value, Combine combine) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2)
    value = combine(value, __shfl_xor_sync(0xffffffffU, value, distance));
  return value;
}

/// The values of all threads put together, in all lanes of the first warp; `shared` has room for
/// one number for each warp of the block. All threads of the block call it.
template <class Number, class Combine>
__device__ Number over_block(Number value, Number nothing, Combine combine, Number* shared) {
  value = over_warp(value, combine);
  const unsigned warps = blockDim.x / warp_size;
  __syncthreads();  // others may still read what an earlier call left there
  if (threadIdx.x % warp_size == 0) shared[threadIdx.x / warp_size] = value;
  __syncthreads();
  if (threadIdx.x / warp_size > 0) return nothing;
  return over_warp(threadIdx.x < warps ? shared[threadIdx.x] : nothing, combine);
}

/// Whether this block is the last one of `blocks` to come here; what the others wrote before can
/// be read then. The counter is 0 before and after. All threads of the block call it.
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
