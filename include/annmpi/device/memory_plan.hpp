#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/network/network.hpp"

namespace annmpi::device {

/// What a device holds for the rows of a shard, in bytes.
struct ShardMemory {
  std::uint64_t features = 0;  ///< as they are stored, or buffers for them, and those of batches
  std::uint64_t caches = 0;    ///< labels, what is carried along a line, and transposed features

  [[nodiscard]] std::uint64_t total() const { return features + caches; }
  friend ShardMemory operator+(const ShardMemory& a, const ShardMemory& b) {
    return {a.features + b.features, a.caches + b.caches};
  }
};

/// What is carried from one step along a line to the next. Methods that move by mini-batches carry
/// nothing.
enum class Carried {
  nothing,
  first_layer,  ///< Z and D of the first layer
  trial,        ///< beside them, what a trial by tangent computed of the upper layers
};

/// What is kept of the training set from one pass to the next.
struct MemoryPlan {
  Carried carried = Carried::first_layer;
  /// The features a second time, in the order in which the gradient reads them. No bit depends on
  /// it: for speed alone, where there is room.
  bool transposed = false;
  /// Of a mini-batch, whose rows have buffers of their own (data::batch_memory); 0: no batches.
  std::uint64_t batch_rows = 0;
  /// Whether mini-batches that are streamed go to a GPU (staged_batch_memory).
  bool batches_to_gpu = false;
  config::Precision precision =
      config::Precision::float64;  ///< of what a CPU keeps of a trial: floats if mixed
};

/// Numbers per row that a trial by tangent keeps for the gradient at its point: the activations of
/// the hidden layers and the deltas of the last, sum_l n_l.
[[nodiscard]] std::size_t kept_width(const network::Network& network);

/// For so many rows of features of `feature_bytes` each: rows n_0 feature_bytes, and rows 4 for the
/// labels, rows 2 * 8 n_1 for the first layer, rows 8 kept_width for a trial, 4 in mixed precision;
/// and for transposed features, which are bytes, rows n_0, rows filled up to blocks of 512 and n_0 to
/// 64.
[[nodiscard]] ShardMemory shard_memory(const network::Network& network, std::uint64_t rows,
                                       std::size_t feature_bytes, const MemoryPlan& plan = {});

/// Bytes from one row of features to the next in a GPU's memory, for rows of so many: rows begin at
/// multiples of 16.
[[nodiscard]] constexpr std::uint64_t gpu_row_bytes(std::uint64_t row_bytes) {
  return (row_bytes + 15) / 16 * 16;
}

/// Blocks of streamed rows there: kernels work on one while the other one comes.
inline constexpr std::size_t streamed_blocks_on_gpu = 2;

/// What a GPU holds for so many rows, as shard_memory(): it keeps neither trials nor transposed
/// features.
[[nodiscard]] ShardMemory gpu_shard_memory(const network::Network& network, std::uint64_t rows,
                                           io::ElementType type,
                                           Carried carried = Carried::first_layer);

/// What a GPU needs at most for mini-batches of so many rows beside the rows of the sets: what the
/// layers read and their deltas, parameters in every form, optimizer states, and two batches on
/// their way.
[[nodiscard]] std::uint64_t gpu_batch_memory(const network::Network& network,
                                             std::uint64_t batch_rows, std::size_t feature_bytes);

/// What its host needs where they are streamed: two batches that are ready to be copied.
[[nodiscard]] std::uint64_t staged_batch_memory(const network::Network& network,
                                                std::uint64_t batch_rows,
                                                std::size_t feature_bytes);

}  // namespace annmpi::device
