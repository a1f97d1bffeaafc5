#include "annmpi/network/work.hpp"

namespace annmpi::network {
namespace {

/// z_1 + s dz_1: one multiplication and one addition per unit.
Work step_work(const Network& network) {
  return {.operations = 2.0 * static_cast<double>(network.layers.front().outputs)};
}

}  // namespace

Work pass_work(const Network& network, std::size_t bytes) {
  const auto inputs = static_cast<double>(network.inputs());
  return {.operations = 2 * inputs * static_cast<double>(network.layers.front().outputs),
          .feature_bytes = inputs * static_cast<double>(bytes)};
}

Work upper_work(const Network& network) {
  Work work;
  for (std::size_t l = 1; l < network.layers.size(); ++l)
    work.operations += 2 * static_cast<double>(network.layers[l].inputs) *
                       static_cast<double>(network.layers[l].outputs);
  return work;
}

Work trial_work(const Network& network) {
  return step_work(network) + 3 * upper_work(network);
}

Work gradient_work(const Network& network, std::size_t bytes) {
  return step_work(network) + 3 * upper_work(network) + pass_work(network, bytes);
}

}  // namespace annmpi::network
