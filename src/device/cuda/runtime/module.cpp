#include <utility>

#include <fmt/format.h>

#include "device/cuda/full_batch/cuda_device.hpp"
#include "device/cuda/mini_batch/cuda_mini_batch_device.hpp"
#include "device/cuda/runtime/find_gpu.hpp"
#include "device/gpu_module.hpp"

namespace annmpi::device::cuda {
namespace {

std::string name_of(const device::Gpu& gpu) {
  return fmt::format("GPU {} ({})", gpu.index, gpu.name);
}

std::unique_ptr<device::FullBatchDevice> make_full_batch_device(
    const device::Gpu& gpu, network::Network network, device::GpuRank rank,
    const device::DeviceOptions& options) {
  auto sums = make_device_sums(gpu, rank);
  return make_cuda_device(std::move(network), std::move(sums), options, name_of(gpu));
}

std::unique_ptr<device::MiniBatchDevice> make_mini_batch_device(
    const device::Gpu& gpu, network::Network network, io::ElementType type,
    const device::BatchFacts& facts, device::GpuRank rank, const device::DeviceOptions& options) {
  auto sums = make_device_sums(gpu, rank);
  return make_cuda_mini_batch_device(std::move(network), type, facts, options,
                                     {rank.rank, rank.size}, std::move(sums), name_of(gpu));
}

}  // namespace
}  // namespace annmpi::device::cuda

/// Called by the program (device::find_gpu).
extern "C" __attribute__((visibility("default"))) const annmpi::device::GpuModule*
annmpi_gpu_module();

const annmpi::device::GpuModule* annmpi_gpu_module() {
  static const annmpi::device::GpuModule module{
      .build = annmpi::device::build_identity(),
      .find_gpu = annmpi::device::cuda::find_gpu,
      .make_full_batch_device = annmpi::device::cuda::make_full_batch_device,
      .make_mini_batch_device = annmpi::device::cuda::make_mini_batch_device};
  return &module;
}
