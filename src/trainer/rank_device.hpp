#pragma once

#include <memory>

#include "annmpi/config/configuration.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/device/gpu_device.hpp"

namespace annmpi::trainer {

/// Settings of a rank's device.
struct RankDevice {
  const config::Configuration::Compute& compute;
  const network::Network& network;
  const data::DataSets& headers;
  const device::FoundGpu* gpu = nullptr;  ///< null: computes on the CPU
  int threads = 1;
  bool transposed_features = false;  ///< device::MemoryPlan::transposed
};

/// Creates a device that sums its results over `ranks`. Collective among them.
/// @throws Error if the device does not support the settings.
[[nodiscard]] std::unique_ptr<device::FullBatchDevice> make_rank_device(const RankDevice& settings,
                                                                        device::GpuRank ranks);

/// Creates a device that sums only its own rows.
[[nodiscard]] inline std::unique_ptr<device::FullBatchDevice> make_lone_device(
    const RankDevice& settings) {
  return make_rank_device(settings, {0, 1, [](auto) {}});
}

}  // namespace annmpi::trainer
