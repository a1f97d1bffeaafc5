#pragma once

#include <string>

#include "annmpi/config/configuration.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/device/memory_plan.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/output/run_folder.hpp"
#include "annmpi/output/summary.hpp"

/// Reports to the log, on rank 0 (the log of other ranks is silent).
namespace annmpi::output {

/// Prints the effective set-up as a table, before training; `most_memory` is the largest of any
/// rank.
void announce(const config::Configuration& configuration, const data::DataSets& sets,
              const data::Partition& partition, const network::Network& network,
              const device::ShardMemory& most_memory, const std::string& device, int ranks);

/// Prints costs and accuracies at the start, at the end and of the selected model, and the files.
void report_result(const Summary& summary, const RunFolder& folder);

/// Prints the time of each phase that took any.
void report_phases(const RunCosts& costs);

/// The additional report of --profile.
void report_profile(const RunCosts& costs);

}  // namespace annmpi::output
