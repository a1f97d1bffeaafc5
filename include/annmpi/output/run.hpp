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

/// A run that is ready to train: what was asked for, and what carries it out. All calls below are
/// collective.
struct Run {
  const config::Request& request;
  const trainer::Problem& problem;
  const trainer::ExecutionPlan& plan;
  const RunFolder& folder;
  trainer::Training& training;
  const comm::Communicator& communicator;
  RunMeter& meter;
};

/// Lets rank 0 alone log, as much as was asked for, and checks that the run's folder may be used.
/// @throws comm::AgreedError on all ranks if it may not
[[nodiscard]] RunFolder open_folder(const config::Request& request,
                                    const comm::Communicator& communicator);

/// Trains. Rank 0 writes config.toml and metrics.csv, and shows the progress.
/// @throws comm::AgreedError on all ranks if a file cannot be written
[[nodiscard]] trainer::TrainingResult train(const Run& run);

/// Measures the selected model on a test set that had no say in its selection, and writes model.h5
/// and summary.json on rank 0.
/// @throws comm::AgreedError on all ranks if a file cannot be written
[[nodiscard]] Summary save_results(const Run& run, const trainer::TrainingResult& result);

/// Logs how training ended, where its time went, and where the files are.
void report(const Run& run, const Summary& summary);

}  // namespace annmpi::output
