#pragma once

#include <functional>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/objective/device_choice.hpp"

namespace annmpi::trainer {

/// What a training is made of, but for its data. The references must outlive it.
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
  /// Whether this rank wants the run to stop.
  std::function<bool()> stop_requested = [] { return false; };
};

}  // namespace annmpi::trainer
