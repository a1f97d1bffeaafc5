#pragma once

#include <cstddef>
#include <cstdint>

#include "annmpi/model/network.hpp"

namespace annmpi::model {

/// What a device holds for the rows of a shard, in bytes.
struct ShardMemory {
  std::uint64_t features = 0;  ///< as they are stored
  std::uint64_t caches = 0;    ///< labels, and what is carried along a line

  [[nodiscard]] std::uint64_t total() const { return features + caches; }
  friend ShardMemory operator+(const ShardMemory& a, const ShardMemory& b) {
    return {a.features + b.features, a.caches + b.caches};
  }
};

/// What is carried from one step along a line to the next: Z and D of the first layer. Methods that
/// move by mini-batches carry nothing.
enum class Carried { first_layer, nothing };

/// For so many rows of features of `feature_bytes` each: rows n_0 feature_bytes, and rows (4 + 2 *
/// 8 n_1), or rows 4 where nothing is carried.
[[nodiscard]] ShardMemory shard_memory(const Network& network, std::uint64_t rows,
                                       std::size_t feature_bytes,
                                       Carried carried = Carried::first_layer);

}  // namespace annmpi::model
