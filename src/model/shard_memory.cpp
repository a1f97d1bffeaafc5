#include "annmpi/model/shard_memory.hpp"

#include "model/cpu/kernels/turned_features.hpp"

namespace annmpi::model {

std::size_t kept_width(const Network& network) {
  std::size_t width = 0;
  for (const Layer& layer : network.layers) width += layer.outputs;
  return width;
}

ShardMemory shard_memory(const Network& network, std::uint64_t rows, std::size_t feature_bytes,
                         const Holdings& holdings) {
  std::uint64_t values = 0;
  if (holdings.carried != Carried::nothing) values += 2 * network.layers.front().outputs;
  if (holdings.carried == Carried::trial) values += kept_width(network);
  const std::uint64_t turned =
      holdings.turned ? cpu::kernels::TurnedFeatures::bytes_for(rows, network.inputs()) : 0;
  return {.features = rows * network.inputs() * feature_bytes,
          .caches = rows * (sizeof(std::int32_t) + sizeof(double) * values) + turned};
}

}  // namespace annmpi::model
