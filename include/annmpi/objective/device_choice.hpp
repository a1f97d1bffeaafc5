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

/// Finds the GPU of the rank whose index on this host is `local_rank`.
using FindGpu = std::function<device::FoundGpu(int local_rank)>;

/// The devices of this rank and of the job.
struct ChosenDevices {
  std::optional<device::FoundGpu> gpu;  ///< of this rank; empty: it computes on its CPU
  int gpus = 0;                         ///< number of ranks that use a GPU
  int ranks = 1;

  /// Whether some ranks use GPUs and others CPUs.
  [[nodiscard]] bool mixed() const { return gpus > 0 && gpus < ranks; }
  /// Of this rank.
  [[nodiscard]] data::Hardware hardware() const {
    return !gpu      ? data::Hardware::cpu
           : mixed() ? data::Hardware::gpu_beside_cpus
                     : data::Hardware::gpu;
  }
};

/// Chooses the device of each rank. compute.device = "gpu" requires a GPU on every rank. "auto"
/// uses the GPU of each rank that has one; mini-batch methods use GPUs only if every rank has one.
/// Collective.
/// @throws comm::AgreedError on all ranks if GPUs are required and a rank has no usable one; the
/// message gives the reason.
[[nodiscard]] ChosenDevices choose_devices(
    const config::Configuration& configuration, const comm::Communicator& communicator,
    const FindGpu& find = [](int local_rank) {
      return device::tested(device::find_gpu(local_rank));
    });

/// "GPU 0 of node7: NVIDIA H100 80GB HBM3; CUDA 13.0, driver for CUDA 13.1"
[[nodiscard]] std::string describe(const device::Gpu& gpu);

}  // namespace annmpi::objective
