#pragma once

#include <string>

#include "annmpi/config/configuration.hpp"
#include "annmpi/output/run_folder.hpp"
#include "annmpi/output/summary.hpp"
#include "annmpi/trainer/execution_plan.hpp"
#include "annmpi/trainer/problem.hpp"

/// Reports to the log, on rank 0 (the log of other ranks is silent).
namespace annmpi::output {

/// Prints the effective set-up as a table, before training; `device` is what rank 0 computes with.
void announce(const config::Configuration& configuration, const trainer::Problem& problem,
              const trainer::ExecutionPlan& plan, const std::string& device, int ranks);

/// Prints costs and accuracies at the start, at the end and of the selected model, and the files.
void report_result(const Summary& summary, const RunFolder& folder);

/// Prints the time of each phase that took any.
void report_phases(const RunCosts& costs);

/// The additional report of --profile.
void report_profile(const RunCosts& costs);

}  // namespace annmpi::output
