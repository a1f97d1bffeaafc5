#pragma once

#include <cuda_runtime.h>

namespace annmpi::device::cuda {

/// @throws Error if the GPU is out of memory, std::runtime_error for any other failure
[[noreturn]] void throw_failure(cudaError_t status, const char* doing);

/// Throws if a CUDA call failed; `doing` completes the message: "copying the features".
/// Message formatting is in a .cpp, as nvcc cannot compile {fmt}.
/// @throws Error, std::runtime_error as throw_failure() does
inline void check(cudaError_t status, const char* doing) {
  if (status != cudaSuccess) throw_failure(status, doing);
}

}  // namespace annmpi::device::cuda
