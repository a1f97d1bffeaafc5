#pragma once

#include <cstdint>
#include <memory>

#include "annmpi/device/device.hpp"
#include "annmpi/device/gpu.hpp"
#include "annmpi/device/mini_batch_device.hpp"

namespace annmpi::device {

struct GpuOptions {
  bool deterministic = true;  ///< exact sums of gradients, not plain ones
  config::Precision precision = config::Precision::float64;  ///< of products with the features
  bool bytes = false;               ///< whether the features of all sets are bytes
  std::uint64_t training_rows = 0;  ///< on all ranks
};

/// The GPU options for a configuration and its data sets.
[[nodiscard]] GpuOptions gpu_options(const config::Configuration::Compute& compute,
                                     const data::DataSets& sets);

/// This rank among the ranks that compute on GPUs.
struct GpuRank {
  int rank;
  int size;
  SumOverRanks sum;
};

/// The full-batch device of this rank's GPU, found by find_gpu(). Collective: the ranks agree on a
/// reduction that all their GPUs support.
/// @throws Error if this rank's GPU does not support the options, or if a loaded library changed
/// this thread's arithmetic (base/arithmetic); in both cases after the last call of rank.sum.
[[nodiscard]] std::unique_ptr<FullBatchDevice> make_gpu_full_batch_device(
    const FoundGpu& found, network::Network network, GpuRank rank, const GpuOptions& options);

/// The mini-batch device, for features of `type`. Each rank runs the forward and backward passes of
/// its share of a batch's rows; every rank computes the whole gradient and the update.
[[nodiscard]] std::unique_ptr<MiniBatchDevice> make_gpu_mini_batch_device(
    const FoundGpu& found, network::Network network, io::ElementType type, const BatchFacts& facts,
    GpuRank rank, const GpuOptions& options);

}  // namespace annmpi::device
