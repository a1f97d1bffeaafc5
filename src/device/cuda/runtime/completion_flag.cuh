#pragma once

#include "device/cuda/runtime/completion_flag.hpp"

namespace annmpi::device::cuda {

/// One thread of each of `parts` calls it when it has written its results; the last of them
/// reports. The counter is 0 before and after. What threads of its own block have written comes
/// before, if a barrier and fences of theirs lie between.
__device__ inline void set_flag_last(unsigned* counter, unsigned parts,
                                     const CompletionFlag& report) {
  if (report.to == nullptr) return;
  __threadfence_system();
  if (parts > 1 && atomicAdd(counter, 1U) + 1 != parts) return;
  *counter = 0;
  __threadfence_system();
  *static_cast<volatile unsigned long long*>(report.to) = report.number;
}

}  // namespace annmpi::device::cuda
