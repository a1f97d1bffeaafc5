#include "cuda/find_gpu.hpp"

namespace annmpi::cuda {

/// Of the emulated module: one GPU, which all ranks share.
model::FoundGpu find_gpu(int) {
  model::FoundGpu found;
  found.gpu = {.name = "emulated GPU",
               .capability_major = 8,
               .memory = std::uint64_t{1} << 36,
               .free_memory = std::uint64_t{1} << 36,
               .software = "no CUDA"};
  return found;
}

}  // namespace annmpi::cuda
