#include "trainer/rank_device.hpp"

#include <utility>

namespace annmpi::trainer {

std::unique_ptr<device::FullBatchDevice> make_rank_device(const RankDevice& settings,
                                                          device::GpuRank ranks) {
  const auto& [compute, network, headers, gpu, threads, transposed_features] = settings;
  if (gpu != nullptr)
    return device::make_gpu_full_batch_device(*gpu, network, std::move(ranks),
                                              device::gpu_options(compute, headers));
  device::CpuOptions options = device::cpu_options(compute, headers, threads);
  options.transposed_features = transposed_features;
  return device::make_cpu_device(network, std::move(ranks.sum), options);
}

}  // namespace annmpi::trainer
