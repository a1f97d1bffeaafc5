#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/network/network.hpp"

namespace annmpi::device {

/// The memory of a device for a rank's rows, in bytes.
struct ShardMemory {
  std::uint64_t features = 0;  ///< as stored, or buffers for streamed ones, and buffers of batches
  std::uint64_t caches = 0;    ///< labels, values carried along a line, transposed features

  [[nodiscard]] std::uint64_t total() const { return features + caches; }
  friend ShardMemory operator+(const ShardMemory& a, const ShardMemory& b) {
    return {a.features + b.features, a.caches + b.caches};
  }
};

/// The values that are carried from one step along a line to the next. Mini-batch methods carry
/// nothing.
enum class Carried {
  nothing,
  first_layer,  ///< Z and D of the first layer
  trial,        ///< also the upper layers of the last tangent trial
};

/// The data of the training set that is kept between passes.
struct MemoryPlan {
  Carried carried = Carried::first_layer;
  /// A transposed copy of the features, in the order in which the gradient reads them. It saves
  /// time if there is memory for it, and changes no bit of the results.
  bool transposed = false;
  /// Rows of a mini-batch, which have their own buffers (data::batch_memory); 0: no mini-batches.
  std::uint64_t batch_rows = 0;
  /// Whether streamed mini-batches are copied to a GPU (staged_batch_memory).
  bool batches_to_gpu = false;
  config::Precision precision =
      config::Precision::float64;  ///< of a kept trial on CPUs: floats if mixed
};

/// Values per row that a tangent trial keeps for the gradient at its point: the activations of the
/// hidden layers, their pre-activations if derivatives need them, and the deltas of the last layer.
[[nodiscard]] std::size_t kept_width(const network::Network& network);

/// The memory for `rows` rows, in bytes per row:
///
///     n_0 feature_bytes   features
///     4                   label
///     2 * 8 n_1           Z and D of the first layer
///     8 kept_width        a trial; 4 kept_width in mixed precision
///     n_0                 transposed features, which are bytes; rows padded to blocks of 512, n_0
///                         to 64
[[nodiscard]] ShardMemory shard_memory(const network::Network& network, std::uint64_t rows,
                                       std::size_t feature_bytes, const MemoryPlan& plan = {});

/// Stride in bytes of rows of `row_bytes` bytes in GPU memory: rows begin at multiples of 16.
[[nodiscard]] constexpr std::uint64_t gpu_row_bytes(std::uint64_t row_bytes) {
  return (row_bytes + 15) / 16 * 16;
}

/// Blocks of streamed rows in GPU memory: kernels work on one while the other is copied.
inline constexpr std::size_t streamed_blocks_on_gpu = 2;

/// The same as shard_memory() for a GPU, which keeps neither trials nor transposed features.
[[nodiscard]] ShardMemory gpu_shard_memory(const network::Network& network, std::uint64_t rows,
                                           io::ElementType type,
                                           Carried carried = Carried::first_layer);

/// Upper limit of a GPU's memory for mini-batches, besides the rows of the sets: inputs and deltas
/// of the layers, parameters in all formats, optimizer state, and two batches in transfer.
[[nodiscard]] std::uint64_t gpu_batch_memory(const network::Network& network,
                                             std::uint64_t batch_rows, std::size_t feature_bytes);

/// Host memory for streamed mini-batches of a GPU: two batches that are ready to be copied.
[[nodiscard]] std::uint64_t staged_batch_memory(const network::Network& network,
                                                std::uint64_t batch_rows,
                                                std::size_t feature_bytes);

}  // namespace annmpi::device
