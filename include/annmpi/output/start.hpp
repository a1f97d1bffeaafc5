#pragma once

#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/dataset.hpp"
#include "annmpi/network/network.hpp"

namespace annmpi::output {

/// Where training starts: at the selected parameters of the model that settings.start_from names,
/// which rank 0 reads, or, where that is empty, at network::initial_parameters. Equal on all ranks.
/// Collective.
/// @throws comm::AgreedError on all ranks if the file is no model, or one of another network, of
/// features of another scale, or of other classes.
[[nodiscard]] std::vector<double> starting_parameters(const config::Configuration::Model& settings,
                                                      const network::Network& network,
                                                      const data::Dataset& training_set,
                                                      const comm::Communicator& communicator);

}  // namespace annmpi::output
