#pragma once

#include <stdexcept>

#include <cuda_runtime.h>
#include <fmt/format.h>

#include "annmpi/base/error.hpp"

namespace annmpi::cuda {

/// Turns the failure of a call into an exception; `doing` is for people: "copying the features".
/// @throws Error where the GPU has no memory left, std::runtime_error for anything else
inline void check(cudaError_t status, const char* doing) {
  if (status == cudaSuccess) return;
  require(status != cudaErrorMemoryAllocation,
          "the GPU's memory does not suffice ({}); use more ranks on more GPUs, or end what else "
          "runs on this one (nvidia-smi shows it)",
          doing);
  throw std::runtime_error(fmt::format("CUDA failed while {} ({}: {})", doing,
                                       cudaGetErrorName(status), cudaGetErrorString(status)));
}

}  // namespace annmpi::cuda
