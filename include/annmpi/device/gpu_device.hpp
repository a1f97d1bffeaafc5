#pragma once

#include <cstdint>
#include <memory>

#include "annmpi/device/device.hpp"
#include "annmpi/device/gpu.hpp"
#include "annmpi/device/mini_batch_device.hpp"

namespace annmpi::device {

/// This rank among the ranks that compute on GPUs.
struct GpuRank {
  int rank;
  int size;
  SumOverRanks sum;
};

/// The full-batch device of one of the ranks whose sums are combined: the GPU that find_gpu()
/// found, or this rank's CPU where `gpu` is null. Collective among these ranks: they agree on a
/// reduction that all their GPUs support.
/// @throws Error if the device does not support the options, or if a loaded library changed this
/// thread's arithmetic (base/arithmetic); in both cases after the last call of rank.sum.
[[nodiscard]] std::unique_ptr<FullBatchDevice> make_full_batch_device(const FoundGpu* gpu,
                                                                      network::Network network,
                                                                      GpuRank rank,
                                                                      const DeviceOptions& options);

/// The mini-batch device, for features of `type`. Each rank runs the forward and backward passes of
/// its share of a batch's rows; every rank computes the whole gradient and the update.
[[nodiscard]] std::unique_ptr<MiniBatchDevice> make_gpu_mini_batch_device(
    const FoundGpu& found, network::Network network, io::ElementType type, const BatchFacts& facts,
    GpuRank rank, const DeviceOptions& options);

}  // namespace annmpi::device
