#include "annmpi/device/memory_plan.hpp"

#include <algorithm>

#include "device/cpu/int8/transposed_features.hpp"

namespace annmpi::device {

std::size_t kept_width(const network::Network& network) {
  return (rules::needs_argument(network.activation) ? 2 : 1) * network.hidden_units() +
         network.classes();
}

ShardMemory shard_memory(const network::Network& network, std::uint64_t rows,
                         std::size_t feature_bytes, const MemoryPlan& plan) {
  std::uint64_t of_row = sizeof(std::int32_t);
  if (plan.carried != Carried::nothing)
    of_row += 2 * network.layers.front().outputs * sizeof(double);
  if (plan.carried == Carried::trial)
    of_row += kept_width(network) *
              (plan.precision == config::Precision::mixed ? sizeof(float) : sizeof(double));
  const std::uint64_t transposed =
      plan.transposed ? cpu::kernels::TransposedFeatures::bytes_for(rows, network.inputs()) : 0;
  return {.features = rows * network.inputs() * feature_bytes,
          .caches = rows * of_row + transposed};
}

ShardMemory gpu_shard_memory(const network::Network& network, std::uint64_t rows,
                             io::ElementType type, Carried carried) {
  const MemoryPlan plan{.carried = std::min(carried, Carried::first_layer)};
  return {.features = rows * gpu_row_bytes(network.inputs() * io::bytes_of(type)),
          .caches = shard_memory(network, rows, io::bytes_of(type), plan).caches};
}

std::uint64_t gpu_batch_memory(const network::Network& network, std::uint64_t batch_rows,
                               std::size_t feature_bytes) {
  // Upper limits for all precisions: 8 bytes per value, and rows padded by 8 values.
  constexpr std::uint64_t number = 8;
  constexpr std::uint64_t filling = 8;
  constexpr std::uint64_t measured_together = std::uint64_t{64} << 20;
  constexpr std::uint64_t least_measured = 256, most_measured = 8192;  // rows
  constexpr std::uint64_t forms = 5;  // of a parameter: itself, two states, gradient, in theta
  const bool keeps_arguments = rules::needs_argument(network.activation);
  std::uint64_t values = 0, deltas = 0, parameters = 0;
  for (const network::Layer& layer : network.layers) {
    values += number * (layer.inputs + filling);
    deltas += number * (layer.outputs + filling);
    if (keeps_arguments) values += number * layer.outputs;
    parameters += number * (layer.outputs * (layer.inputs + filling) + layer.outputs + filling);
  }
  const std::uint64_t logits = number * network.classes() + filling;
  return batch_rows * (values + deltas + logits) + (keeps_arguments ? 2 : 1) * measured_together +
         least_measured * values + most_measured * logits + forms * parameters +
         staged_batch_memory(network, batch_rows, feature_bytes);
}

std::uint64_t staged_batch_memory(const network::Network& network, std::uint64_t batch_rows,
                                  std::size_t feature_bytes) {
  constexpr std::uint64_t places = 2;
  constexpr std::uint64_t alignment = 16, label = 8;
  const std::uint64_t row = (network.inputs() * feature_bytes + alignment - 1) / alignment;
  return places * batch_rows * (row * alignment + label);
}

}  // namespace annmpi::device
