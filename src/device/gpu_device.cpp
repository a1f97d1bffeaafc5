#include "annmpi/device/gpu_device.hpp"

#include <utility>

#include "annmpi/base/arithmetic.hpp"

#include "device/gpu_module.hpp"

namespace annmpi::device {
namespace {

constexpr const char* after_loading = "after loading the GPU's libraries";

}  // namespace

GpuOptions gpu_options(const config::Configuration::Compute& compute, const data::DataSets& sets) {
  const CpuOptions same = cpu_options(compute, sets, 1);
  return {.deterministic = same.deterministic,
          .precision = same.precision,
          .bytes = same.bytes,
          .training_rows = same.training_rows};
}

std::unique_ptr<FullBatchDevice> make_gpu_full_batch_device(const FoundGpu& found,
                                                            network::Network network, GpuRank rank,
                                                            const GpuOptions& options) {
  auto device =
      found.module->make_full_batch_device(found.gpu, std::move(network), std::move(rank), options);
  require_sound_arithmetic(after_loading);
  return device;
}

std::unique_ptr<MiniBatchDevice> make_gpu_mini_batch_device(const FoundGpu& found,
                                                            network::Network network,
                                                            io::ElementType type,
                                                            const BatchFacts& facts, GpuRank rank,
                                                            const GpuOptions& options) {
  auto device = found.module->make_mini_batch_device(found.gpu, std::move(network), type, facts,
                                                     std::move(rank), options);
  require_sound_arithmetic(after_loading);
  return device;
}

}  // namespace annmpi::device
