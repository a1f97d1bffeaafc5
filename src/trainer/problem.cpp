#include "annmpi/trainer/problem.hpp"

#include <utility>

namespace annmpi::trainer {

Problem define_problem(const config::Configuration& configuration,
                       const comm::Communicator& communicator) {
  data::DataSets sets = data::inspect(configuration.data, communicator);
  network::Network network = communicator.all_agree(
      [&] { return network::make_network(configuration.model, sets.training); });
  return {std::move(sets), std::move(network)};
}

}  // namespace annmpi::trainer
