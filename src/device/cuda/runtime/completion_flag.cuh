#pragma once

#include "device/cuda/runtime/completion_flags.hpp"

namespace annmpi::device::cuda {

/// One thread of each of `callers` blocks calls it after writing its results; the last call sets
/// the flag. The counter is 0 before and after. Writes of other threads of the block are visible
/// before the flag if fences and a barrier follow them.
__device__ inline void set_flag_last(unsigned* counter, unsigned callers,
                                     const CompletionFlag& flag) {
  if (flag.to == nullptr) return;
  __threadfence_system();
  if (callers > 1 && atomicAdd(counter, 1U) + 1 != callers) return;
  *counter = 0;
  __threadfence_system();
  *static_cast<volatile unsigned long long*>(flag.to) = flag.number;
}

}  // namespace annmpi::device::cuda
