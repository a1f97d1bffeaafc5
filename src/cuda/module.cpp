#include <utility>

#include <fmt/format.h>

#include "annmpi/model/gpu_module.hpp"

#include "cuda/batch/cuda_batch_device.hpp"
#include "cuda/cuda_device.hpp"
#include "cuda/find_gpu.hpp"

namespace annmpi::cuda {
namespace {

std::string name_of(const model::Gpu& gpu) {
  return fmt::format("GPU {} ({})", gpu.index, gpu.name);
}

std::unique_ptr<model::Device> make_device(const model::Gpu& gpu, model::Network network,
                                           model::GpuRank rank, const model::GpuOptions& options) {
  auto sums = make_device_sums(gpu, rank);
  return make_cuda_device(std::move(network), std::move(sums), options, name_of(gpu));
}

std::unique_ptr<model::BatchDevice> make_batch_device(const model::Gpu& gpu, model::Network network,
                                                      io::ElementType type,
                                                      const model::BatchFacts& facts,
                                                      model::GpuRank rank,
                                                      const model::GpuOptions& options) {
  auto sums = make_device_sums(gpu, rank);
  return make_cuda_batch_device(std::move(network), type, facts, options, {rank.rank, rank.size},
                                std::move(sums), name_of(gpu));
}

}  // namespace
}  // namespace annmpi::cuda

/// Called by the program (model::find_gpu).
extern "C" __attribute__((visibility("default"))) const annmpi::model::GpuModule*
annmpi_gpu_module();

const annmpi::model::GpuModule* annmpi_gpu_module() {
  static const annmpi::model::GpuModule module{
      .build = annmpi::model::build_identity(),
      .find_gpu = annmpi::cuda::find_gpu,
      .make_device = annmpi::cuda::make_device,
      .make_batch_device = annmpi::cuda::make_batch_device};
  return &module;
}
