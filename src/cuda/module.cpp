#include <utility>

#include <fmt/format.h>

#include "annmpi/model/gpu_module.hpp"

#include "cuda/cuda_device.hpp"
#include "cuda/find_gpu.hpp"

namespace annmpi::cuda {
namespace {

std::unique_ptr<model::Device> make_device(const model::Gpu& gpu, model::Network network,
                                           model::GpuRank rank, const model::GpuOptions& options) {
  auto sums = make_device_sums(gpu, rank);
  return make_cuda_device(std::move(network), std::move(sums), options,
                          fmt::format("GPU {} ({})", gpu.index, gpu.name));
}

}  // namespace
}  // namespace annmpi::cuda

/// Called by the program (model::find_gpu).
extern "C" __attribute__((visibility("default"))) const annmpi::model::GpuModule*
annmpi_gpu_module();

const annmpi::model::GpuModule* annmpi_gpu_module() {
  static const annmpi::model::GpuModule module{.build = annmpi::model::build_identity(),
                                               .find_gpu = annmpi::cuda::find_gpu,
                                               .make_device = annmpi::cuda::make_device};
  return &module;
}
