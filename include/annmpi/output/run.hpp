#pragma once

#include "annmpi/base/run_meter.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/request.hpp"
#include "annmpi/output/run_folder.hpp"
#include "annmpi/output/summary.hpp"
#include "annmpi/trainer/execution_plan.hpp"
#include "annmpi/trainer/problem.hpp"
#include "annmpi/trainer/train.hpp"
#include "annmpi/trainer/training.hpp"

namespace annmpi::output {

/// A run that is ready to train. All functions below are collective.
struct Run {
  const config::Request& request;
  const trainer::Problem& problem;
  const trainer::ExecutionPlan& plan;
  const RunFolder& folder;
  trainer::Training& training;
  const comm::Communicator& communicator;
  RunMeter& meter;
};

/// Sets the log level (only rank 0 logs) and checks that the output folder is usable.
/// @throws comm::AgreedError on all ranks if it is not
[[nodiscard]] RunFolder open_folder(const config::Request& request,
                                    const comm::Communicator& communicator);

/// Trains. Rank 0 writes config.toml and metrics.csv, and logs progress.
/// @throws comm::AgreedError on all ranks if a file cannot be written
[[nodiscard]] trainer::TrainingResult train(const Run& run);

/// Measures the selected model on the test set, unless that set was monitored. Rank 0 writes
/// model.h5 and summary.json.
/// @throws comm::AgreedError on all ranks if a file cannot be written
[[nodiscard]] Summary save_results(const Run& run, const trainer::TrainingResult& result);

/// Logs the result, the time per phase and the output paths.
void report(const Run& run, const Summary& summary);

}  // namespace annmpi::output
