#include "trainer/rank_device.hpp"

#include <utility>

namespace annmpi::trainer {

std::unique_ptr<model::Device> make_rank_device(const RankDevice& made_of, model::GpuRank ranks) {
  const auto& [compute, network, headers, gpu, threads, turned_features] = made_of;
  if (gpu != nullptr)
    return model::make_gpu_device(*gpu, network, std::move(ranks),
                                  model::gpu_options(compute, headers));
  model::CpuOptions options = model::cpu_options(compute, headers, threads);
  options.turned_features = turned_features;
  return model::make_cpu_device(network, std::move(ranks.sum), options);
}

}  // namespace annmpi::trainer
