#pragma once

#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/dataset.hpp"
#include "annmpi/network/network.hpp"

namespace annmpi::output {

/// The initial parameters: the selected ones of the model settings.start_from, which rank 0 reads,
/// or network::initial_parameters if it is empty. Equal on all ranks. Collective.
/// @throws comm::AgreedError on all ranks if the file is not a model, or the model has another
/// network, feature scale or classes.
[[nodiscard]] std::vector<double> starting_parameters(const config::Configuration::Model& settings,
                                                      const network::Network& network,
                                                      const data::Dataset& training_set,
                                                      const comm::Communicator& communicator);

}  // namespace annmpi::output
