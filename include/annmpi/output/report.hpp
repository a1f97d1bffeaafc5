#pragma once

#include <string>

#include "annmpi/config/configuration.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/network/network.hpp"
#include "annmpi/device/memory_plan.hpp"
#include "annmpi/output/run_folder.hpp"
#include "annmpi/output/summary.hpp"

/// What a run tells people, on the log; called on rank 0 (on others the log is silent).
namespace annmpi::output {

/// The effective set-up, as a table, before training; `most_memory` is that of a rank.
void announce(const config::Configuration& configuration, const data::DataSets& sets,
              const data::Partition& partition, const network::Network& network,
              const device::ShardMemory& most_memory, const std::string& device, int ranks);

/// Costs and accuracies at the start, at the end and where the model was selected, and where the
/// files lie.
void report_result(const Summary& summary, const RunFolder& folder);

/// Where the time went: a line per phase that took any.
void report_phases(const RunCosts& costs);

/// What --profile adds to it.
void report_profile(const RunCosts& costs);

}  // namespace annmpi::output
