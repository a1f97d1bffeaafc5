#include "annmpi/model/shard_memory.hpp"

namespace annmpi::model {

std::size_t kept_width(const Network& network) {
  std::size_t width = 0;
  for (const Layer& layer : network.layers) width += layer.outputs;
  return width;
}

ShardMemory shard_memory(const Network& network, std::uint64_t rows, std::size_t feature_bytes,
                         Carried carried) {
  std::uint64_t values = 0;
  if (carried != Carried::nothing) values += 2 * network.layers.front().outputs;
  if (carried == Carried::trial) values += kept_width(network);
  return {.features = rows * network.inputs() * feature_bytes,
          .caches = rows * (sizeof(std::int32_t) + sizeof(double) * values)};
}

}  // namespace annmpi::model
