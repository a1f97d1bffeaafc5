#pragma once

#include "device/cuda/runtime/instructions.cuh"

namespace annmpi::device::cuda {

/// Software pipeline of a thread block: load(step) starts the asynchronous copies of a step into
/// stage step % stages of shared memory, work(step) computes with them. All threads of the block
/// call it.
template <int stages, class Load, class Work>
__device__ __forceinline__ void pipelined(int steps, const Load& load, const Work& work) {
  for (int step = 0; step < stages - 1; ++step) {
    if (step < steps) load(step);
    commit_copies();
  }
  for (int step = 0; step < steps; ++step) {
    wait_for_copies<stages - 2>();
    __syncthreads();
    if (step + stages - 1 < steps) load(step + stages - 1);  // read by all warps
    commit_copies();
    work(step);
  }
}

}  // namespace annmpi::device::cuda
