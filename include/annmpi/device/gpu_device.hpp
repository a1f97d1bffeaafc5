#pragma once

#include <cstdint>
#include <memory>

#include "annmpi/device/device.hpp"
#include "annmpi/device/gpu.hpp"
#include "annmpi/device/mini_batch_device.hpp"

namespace annmpi::device {

struct GpuOptions {
  bool deterministic = true;  ///< exact sums of gradients, against plain ones
  config::Precision precision = config::Precision::float64;  ///< of products with the features
  bool bytes = false;               ///< whether the features of all shards are bytes
  std::uint64_t training_rows = 0;  ///< on all ranks
};

/// What a configuration says to a GPU that works with these sets.
[[nodiscard]] GpuOptions gpu_options(const config::Configuration::Compute& compute,
                                     const data::DataSets& sets);

/// This rank among those whose GPUs work together.
struct GpuRank {
  int rank;
  int size;
  SumOverRanks sum;
};

/// The GPU of this rank, found by find_gpu(). Collective: the ranks choose the way in which their
/// GPUs add up, by what all of them can do.
/// @throws Error if this rank's GPU cannot compute what is asked for, or if what was loaded changed
/// this thread's arithmetic (base/arithmetic); in either case after the last call of rank.sum.
[[nodiscard]] std::unique_ptr<FullBatchDevice> make_gpu_full_batch_device(
    const FoundGpu& found, network::Network network, GpuRank rank, const GpuOptions& options);

/// The same for mini-batches of features of `type`. On several ranks each passes its share of the
/// rows of a batch up and down, and all compute the whole gradient and the update.
[[nodiscard]] std::unique_ptr<MiniBatchDevice> make_gpu_mini_batch_device(
    const FoundGpu& found, network::Network network, io::ElementType type, const BatchFacts& facts,
    GpuRank rank, const GpuOptions& options);

}  // namespace annmpi::device
