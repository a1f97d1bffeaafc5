#include "device/cuda/runtime/check.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "annmpi/base/error.hpp"

namespace annmpi::device::cuda {

void throw_failure(cudaError_t status, const char* doing) {
  require(
      status != cudaErrorMemoryAllocation,
      "the GPU is out of memory ({}); use more ranks on more GPUs, or end the other processes on "
      "this GPU (nvidia-smi lists them)",
      doing);
  throw std::runtime_error(fmt::format("CUDA failed while {} ({}: {})", doing,
                                       cudaGetErrorName(status), cudaGetErrorString(status)));
}

}  // namespace annmpi::device::cuda
