#pragma once

#include <utility>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/network/network.hpp"

namespace annmpi::trainer {

/// The learning problem: the headers of the data sets, and the network that maps their features to
/// their classes.
struct Problem {
  data::DataSets sets;
  network::Network network;
};

/// Reads the problem that the configuration describes; equal on all ranks. Collective.
/// @throws comm::AgreedError on all ranks if a file cannot be read, or the files and the network do
/// not match.
[[nodiscard]] inline Problem define_problem(const config::Configuration& configuration,
                                            const comm::Communicator& communicator) {
  data::DataSets sets = data::inspect(configuration.data, communicator);
  network::Network network = communicator.all_agree(
      [&] { return network::make_network(configuration.model, sets.training); });
  return {std::move(sets), std::move(network)};
}

}  // namespace annmpi::trainer
