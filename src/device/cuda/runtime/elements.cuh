#pragma once

#include <cuda_runtime.h>

namespace annmpi::device::cuda {

/// Work on so many elements goes to all threads of a grid in turn.
__device__ inline long long first_element() {
  return static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ inline long long all_threads() {
  return static_cast<long long>(gridDim.x) * blockDim.x;
}

}  // namespace annmpi::device::cuda
