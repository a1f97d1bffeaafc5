#pragma once

#include <cuda_runtime.h>

namespace annmpi::device::cuda {

/// @throws Error where the GPU has no memory left, std::runtime_error for anything else
[[noreturn]] void throw_failure(cudaError_t status, const char* doing);

/// Turns the failure of a call into an exception; `doing` is for people: "copying the features".
/// For nvcc too, which cannot compile the formatting of messages.
/// @throws Error, std::runtime_error as throw_failure() does
inline void check(cudaError_t status, const char* doing) {
  if (status != cudaSuccess) throw_failure(status, doing);
}

}  // namespace annmpi::device::cuda
