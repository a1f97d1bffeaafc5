#pragma once

#include "annmpi/model/gpu.hpp"

namespace annmpi::cuda {

/// model::find_gpu, within the module: starts CUDA on the GPU that it finds.
[[nodiscard]] model::FoundGpu find_gpu(int local_rank);

}  // namespace annmpi::cuda
