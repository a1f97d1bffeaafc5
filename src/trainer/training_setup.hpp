#pragma once

#include <functional>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/objective/device_choice.hpp"

namespace annmpi::trainer {

/// Everything that a training needs except its rows. The references must outlive it.
struct TrainingSetup {
  const config::Configuration& configuration;
  const network::Network& network;
  const data::DataSets& headers;
  const data::DealtSets& sets;
  const comm::Communicator& communicator;
  PhaseTimes& times;
  const objective::ChosenDevices& devices;
  int threads = 1;
  bool transposed_features = false;  ///< device::MemoryPlan::transposed
  /// Whether this rank requests a stop.
  std::function<bool()> stop_requested = [] { return false; };
};

}  // namespace annmpi::trainer
