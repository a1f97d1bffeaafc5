#pragma once

#include "annmpi/device/gpu.hpp"

namespace annmpi::device::cuda {

/// device::find_gpu inside the module; creates the CUDA context on the GPU that it finds.
[[nodiscard]] device::FoundGpu find_gpu(int local_rank);

}  // namespace annmpi::device::cuda
