#pragma once

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/network/network.hpp"

namespace annmpi::trainer {

/// What is to be learned: the data sets, by their headers, and the network from their features to
/// their classes.
struct Problem {
  data::DataSets sets;
  network::Network network;
};

/// The problem that a configuration describes, the same on all ranks. Collective.
/// @throws comm::AgreedError on all ranks if a file cannot be read, files do not fit each other, or
/// the network does not fit them.
[[nodiscard]] Problem define_problem(const config::Configuration& configuration,
                                     const comm::Communicator& communicator);

}  // namespace annmpi::trainer
