#include <optional>

#include "annmpi/device/device.hpp"

#include "device/cpu/layers/first_layer.hpp"

namespace annmpi::device {

DeviceOptions device_options(const config::Configuration::Compute& compute,
                             const data::DataSets& sets, int threads) {
  const auto of_bytes = [](const std::optional<data::Dataset>& set) {
    return !set || set->type == io::ElementType::uint8;
  };
  return {.threads = threads,
          .deterministic = compute.deterministic,
          .precision = compute.precision,
          .bytes = of_bytes(sets.training) && of_bytes(sets.monitored) && of_bytes(sets.test),
          .training_rows = sets.training.rows};
}

bool gains_by_transposed_features(const network::Network& network, const DeviceOptions& options) {
  return cpu::multiplies_in_integers(network.layers.front(), options.bytes, options.training_rows);
}

}  // namespace annmpi::device
