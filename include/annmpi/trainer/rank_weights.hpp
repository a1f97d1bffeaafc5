#pragma once

#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/objective/device_choice.hpp"

namespace annmpi::trainer {

/// How rows are dealt to the ranks.
struct RankWeights {
  std::vector<double> of_ranks{};  ///< relative to each other; empty: equal ones
  bool measured = false;           ///< or given, or equal
};

/// Those that compute.shares gives. Without any, where GPUs and CPUs work together, the rows that
/// each rank can work on in a second, found by a fraction of a second of iterations over rows like
/// those of the training set, on all ranks at once; relative to the largest, with three digits, so
/// that people can give them to another run. Collective.
/// @throws comm::AgreedError on all ranks if there is not one for each of them.
[[nodiscard]] RankWeights choose_rank_weights(const config::Configuration& configuration,
                                              const network::Network& network,
                                              const data::DataSets& headers,
                                              const objective::ChosenDevices& devices, int threads,
                                              const comm::Communicator& communicator);

}  // namespace annmpi::trainer
