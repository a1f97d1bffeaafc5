#include "annmpi/model/shard_memory.hpp"

namespace annmpi::model {

ShardMemory shard_memory(const Network& network, std::uint64_t rows, std::size_t feature_bytes,
                         Carried carried) {
  const std::uint64_t values =
      carried == Carried::nothing ? 0 : 2 * sizeof(double) * network.layers.front().outputs;
  return {.features = rows * network.inputs() * feature_bytes,
          .caches = rows * (sizeof(std::int32_t) + values)};
}

}  // namespace annmpi::model
