#pragma once

#include <cuda_runtime.h>

namespace annmpi::device::cuda {

/// Start and stride of a grid-stride loop.
__device__ inline long long first_element() {
  return static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ inline long long all_threads() {
  return static_cast<long long>(gridDim.x) * blockDim.x;
}

}  // namespace annmpi::device::cuda
