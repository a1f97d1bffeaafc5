#include "annmpi/device/gpu_device.hpp"

#include <utility>

#include "annmpi/base/arithmetic.hpp"

#include "device/gpu_module.hpp"

namespace annmpi::device {
namespace {

constexpr const char* after_loading = "after loading the GPU's libraries";

}  // namespace

std::unique_ptr<FullBatchDevice> make_full_batch_device(const FoundGpu* gpu,
                                                        network::Network network, GpuRank rank,
                                                        const DeviceOptions& options) {
  if (gpu == nullptr) return make_cpu_device(std::move(network), std::move(rank.sum), options);
  auto device =
      gpu->module->make_full_batch_device(gpu->gpu, std::move(network), std::move(rank), options);
  require_sound_arithmetic(after_loading);
  return device;
}

std::unique_ptr<MiniBatchDevice> make_gpu_mini_batch_device(const FoundGpu& found,
                                                            network::Network network,
                                                            io::ElementType type,
                                                            const BatchFacts& facts, GpuRank rank,
                                                            const DeviceOptions& options) {
  auto device = found.module->make_mini_batch_device(found.gpu, std::move(network), type, facts,
                                                     std::move(rank), options);
  require_sound_arithmetic(after_loading);
  return device;
}

}  // namespace annmpi::device
