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
  std::uint64_t of_row = sizeof(std::int32_t);
  if (holdings.carried != Carried::nothing)
    of_row += 2 * network.layers.front().outputs * sizeof(double);
  if (holdings.carried == Carried::trial)
    of_row += kept_width(network) *
              (holdings.precision == Precision::mixed ? sizeof(float) : sizeof(double));
  const std::uint64_t turned =
      holdings.turned ? cpu::kernels::TurnedFeatures::bytes_for(rows, network.inputs()) : 0;
  return {.features = rows * network.inputs() * feature_bytes, .caches = rows * of_row + turned};
}

}  // namespace annmpi::model
