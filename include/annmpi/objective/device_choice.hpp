#pragma once

#include <functional>
#include <optional>
#include <string>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/device/gpu.hpp"
#include "annmpi/device/gpu_self_test.hpp"

namespace annmpi::objective {

/// Looks for the GPU of the rank that is number `local_rank` on this host.
using FindGpu = std::function<device::FoundGpu(int local_rank)>;

/// What the ranks of a job compute with.
struct ChosenDevices {
  std::optional<device::FoundGpu> gpu;  ///< of this rank; without one, it computes on its CPU
  int gpus = 0;                        ///< ranks with one
  int ranks = 1;

  /// Whether GPUs and CPUs work together.
  [[nodiscard]] bool mixed() const { return gpus > 0 && gpus < ranks; }
  /// This rank's.
  [[nodiscard]] data::Hardware hardware() const {
    return !gpu      ? data::Hardware::cpu
           : mixed() ? data::Hardware::gpu_beside_cpus
                     : data::Hardware::gpu;
  }
};

/// Chooses what the ranks compute with: GPUs where compute.device asks for them; where it leaves it
/// open each rank its GPU if it has one, but mini-batches GPUs only if every rank has one.
/// Collective.
/// @throws comm::AgreedError on all ranks if GPUs are asked for and a rank has none to use, with
/// the reason.
[[nodiscard]] ChosenDevices choose_devices(
    const config::Configuration& configuration, const comm::Communicator& communicator,
    const FindGpu& find = [](int local_rank) {
      return device::tested(device::find_gpu(local_rank));
    });

/// "GPU 0 of node7: NVIDIA H100 80GB HBM3; CUDA 13.0, driver for CUDA 13.1"
[[nodiscard]] std::string describe(const device::Gpu& gpu);

}  // namespace annmpi::objective
