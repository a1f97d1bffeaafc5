#pragma once

#include <memory>

#include "annmpi/config/configuration.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/device/gpu_device.hpp"

namespace annmpi::trainer {

/// What a rank's device is made of.
struct RankDevice {
  const config::Configuration::Compute& compute;
  const network::Network& network;
  const data::DataSets& headers;
  const device::FoundGpu* gpu = nullptr;  ///< null: its CPU
  int threads = 1;
  bool transposed_features = false;  ///< device::MemoryPlan::transposed
};

/// The device of one of the `ranks` that add up together. Collective among them.
/// @throws Error if it cannot compute what is asked for.
[[nodiscard]] std::unique_ptr<device::FullBatchDevice> make_rank_device(const RankDevice& made_of,
                                                                        device::GpuRank ranks);

/// One that adds up over nobody but itself.
[[nodiscard]] inline std::unique_ptr<device::FullBatchDevice> make_lone_device(
    const RankDevice& made_of) {
  return make_rank_device(made_of, {0, 1, [](auto) {}});
}

}  // namespace annmpi::trainer
