#pragma once

#include "device/cuda/runtime/instructions.cuh"

namespace annmpi::device::cuda {

/// Does the steps of a block one after the other while copies for later ones are on their way:
/// begin(step) begins those of a step into the part step % stages of shared memory, work(step) uses
/// them. All threads of the block call it.
template <int stages, class Begin, class Work>
__device__ __forceinline__ void pipelined(int steps, const Begin& begin, const Work& work) {
  for (int step = 0; step < stages - 1; ++step) {
    if (step < steps) begin(step);
    close_copies();
  }
  for (int step = 0; step < steps; ++step) {
    wait_for_copies<stages - 2>();
    __syncthreads();
    if (step + stages - 1 < steps) begin(step + stages - 1);  // where all have done the step before
    close_copies();
    work(step);
  }
}

}  // namespace annmpi::device::cuda
