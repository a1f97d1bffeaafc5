#include "annmpi/model/shard_memory.hpp"

namespace annmpi::model {

ShardMemory shard_memory(const Network& network, std::uint64_t rows, std::size_t feature_bytes) {
  const std::uint64_t carried = 2 * sizeof(double) * network.layers.front().outputs;
  return {.features = rows * network.inputs() * feature_bytes,
          .caches = rows * (sizeof(std::int32_t) + carried)};
}

}  // namespace annmpi::model
