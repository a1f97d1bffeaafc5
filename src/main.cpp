// annmpi: trains feed-forward networks on data distributed over MPI ranks.

#include <memory>
#include <vector>

#include "annmpi/base/log.hpp"
#include "annmpi/base/run_meter.hpp"
#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/config/request.hpp"
#include "annmpi/output/model_file.hpp"
#include "annmpi/output/report.hpp"
#include "annmpi/output/run.hpp"
#include "annmpi/output/versions.hpp"
#include "annmpi/trainer/execution_plan.hpp"
#include "annmpi/trainer/problem.hpp"
#include "annmpi/trainer/stop_signals.hpp"
#include "annmpi/trainer/train.hpp"
#include "annmpi/trainer/training.hpp"

namespace annmpi {
namespace {

/// A run, from the command line to the report. Executed by every rank.
int run(int argc, char** argv, const comm::Communicator& world) {
  RunMeter meter;

  // 1. Command line and configuration, equal on all ranks.
  const config::Request request = config::agree_on_request(argc, argv, world);

  // 2. Output folder. From here on, signals stop the run cleanly.
  const output::RunFolder folder = output::open_folder(request, world);
  trainer::catch_stop_signals();

  // 3. Problem: data sets, network and initial parameters.
  const auto& [asked, configuration] = request;
  const trainer::Problem problem = trainer::define_problem(configuration, world);
  const std::vector<double> start = output::starting_parameters(
      configuration.model, problem.network, problem.sets.training, world);

  // 4. Execution plan: device, threads, rows and memory of each rank.
  const trainer::ExecutionPlan plan = trainer::plan_execution(configuration, problem, world);

  // 5. Training: device, objective and method. Each rank reads its own rows.
  const std::unique_ptr<trainer::Training> training =
      trainer::make_training(configuration, problem, plan, world, meter.times);
  output::announce(configuration, problem, plan, training->device(), world.size());
  meter.measure(Phase::load, Moment::loaded, [&] { training->load(); });
  if (asked.check) {
    log::info("Checked: configuration and data are valid; nothing was trained.");
    return exit_status::success;
  }
  training->prepare(start);
  meter.memory.note(Moment::prepared);

  // 6. Train, save the results and report them.
  const output::Run run{request, problem, plan, folder, *training, world, meter};
  const trainer::TrainingResult result = output::train(run);
  const output::Summary summary = output::save_results(run, result);
  output::report(run, summary);
  return trainer::exit_status_of(result.history.status);
}

}  // namespace
}  // namespace annmpi

int main(int argc, char** argv) {
  // --help, --version and --print-config work without MPI.
  if (const auto answer = annmpi::config::answer(argc, argv, annmpi::output::program_version())) {
    if (annmpi::comm::launched_as_rank_0()) annmpi::log::info("{}", *answer);
    return annmpi::exit_status::success;
  }
  return annmpi::comm::run_mpi_session(argc, argv, [&](const annmpi::comm::Communicator& world) {
    return annmpi::run(argc, argv, world);
  });
}
