#pragma once

#include <string>

#include "annmpi/config/configuration.hpp"
#include "annmpi/output/run_folder.hpp"
#include "annmpi/output/summary.hpp"
#include "annmpi/trainer/execution_plan.hpp"
#include "annmpi/trainer/problem.hpp"

/// What a run tells people, on the log; called on rank 0 (on others the log is silent).
namespace annmpi::output {

/// The effective set-up, as a table, before training; `device` is what rank 0 computes with.
void announce(const config::Configuration& configuration, const trainer::Problem& problem,
              const trainer::ExecutionPlan& plan, const std::string& device, int ranks);

/// Costs and accuracies at the start, at the end and where the model was selected, and where the
/// files lie.
void report_result(const Summary& summary, const RunFolder& folder);

/// Where the time went: a line per phase that took any.
void report_phases(const RunCosts& costs);

/// What --profile adds to it.
void report_profile(const RunCosts& costs);

}  // namespace annmpi::output
