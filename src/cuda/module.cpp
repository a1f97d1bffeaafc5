#include "annmpi/model/gpu_module.hpp"

#include "cuda/find_gpu.hpp"

/// Called by the program (model::find_gpu).
extern "C" __attribute__((visibility("default"))) const annmpi::model::GpuModule*
annmpi_gpu_module();

const annmpi::model::GpuModule* annmpi_gpu_module() {
  static const annmpi::model::GpuModule module{.build = annmpi::model::build_identity(),
                                               .find_gpu = annmpi::cuda::find_gpu};
  return &module;
}
