// annmpi: trains a feed-forward network on data that is spread over MPI ranks.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "annmpi/base/log.hpp"
#include "annmpi/base/memory_use.hpp"
#include "annmpi/comm/launcher.hpp"
#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/comm/threads.hpp"
#include "annmpi/config/command_line.hpp"
#include "annmpi/config/configuration_text.hpp"
#include "annmpi/config/request.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/objective/agreement.hpp"
#include "annmpi/objective/device_choice.hpp"
#include "annmpi/objective/gpu_memory.hpp"
#include "annmpi/objective/memory_need.hpp"
#include "annmpi/objective/training_state.hpp"
#include "annmpi/output/model_file.hpp"
#include "annmpi/output/progress.hpp"
#include "annmpi/output/report.hpp"
#include "annmpi/output/run_recorder.hpp"
#include "annmpi/output/start.hpp"
#include "annmpi/output/versions.hpp"
#include "annmpi/trainer/make_method.hpp"
#include "annmpi/trainer/rank_weights.hpp"
#include "annmpi/trainer/stop_signals.hpp"
#include "annmpi/trainer/train.hpp"
#include "annmpi/trainer/training.hpp"

namespace annmpi {
namespace {

int run(int argc, char** argv, const comm::Communicator& world) {
  // 1. What is asked for, the same on all ranks. Only rank 0 talks.
  MemoryUse memory;
  memory.note(Moment::start);
  log::set_level(world.is_root() ? log::Level::info : log::Level::off);
  const auto [asked, configuration] = config::agree_on_request(argc, argv, world);
  if (world.is_root())
    log::set_level(asked.quiet ? log::Level::warning : configuration.output.log_level);
  const output::RunFolder folder{configuration.output.directory};
  const output::Existing existing =
      asked.overwrite ? output::Existing::replace : output::Existing::refuse;
  world.on_root([&] { output::require_usable(folder, existing); });
  trainer::catch_stop_signals();
  objective::agree_on_arithmetic(world);

  // 2. The headers of the data, and the network between its features and its classes.
  const data::DataSets sets = data::inspect(configuration.data, world);
  const network::Network network =
      world.all_agree([&] { return network::make_network(configuration.model, sets.training); });
  const int threads =
      comm::threads_for_this_rank(static_cast<int>(configuration.compute.threads), world);
  const std::vector<double> start =
      output::starting_parameters(configuration.model, network, sets.training, world);
  const objective::ChosenDevices devices = objective::choose_devices(configuration, world);
  const trainer::RankWeights shares =
      trainer::choose_rank_weights(configuration, network, sets, devices, threads, world);
  const data::DealtSets dealt =
      data::deal(sets, configuration.compute.chunk_rows, network.parameters(), world.size(),
                 configuration.data.streaming, devices.hardware(), shares.of_ranks);
  const device::MemoryPlan plan =
      objective::fit_to_memory(trainer::memory_plan_of(configuration, network, sets), network,
                               dealt, 1e6 * configuration.compute.cache_memory, devices, world);
  const device::ShardMemory memory_of_rows =
      objective::memory_in_use(network, dealt, world.rank(), plan, devices);
  PhaseTimes times;
  const std::unique_ptr<trainer::Training> training =
      trainer::make_training({configuration, network, sets, dealt, world, times, devices, threads,
                              plan.transposed, trainer::stop_signal_received});
  output::announce(configuration, sets, dealt.training.partition, network,
                   objective::most_memory_of_a_rank(memory_of_rows, world), training->device(),
                   world.size());

  // 3. Each rank reads its own rows.
  times.measure(Phase::load, [&] { training->load(); });
  memory.note(Moment::loaded);
  if (asked.check) {
    log::info("Checked: configuration and data are sound; nothing was trained.");
    return exit_status::success;
  }

  // 4. What is minimised, the sums over shards and ranks, and how.
  training->prepare(start);
  const objective::TrainingState& state = training->state();
  memory.note(Moment::prepared);

  // 5. Train, and let rank 0 record how it goes.
  output::RunRecorder recorder(folder, existing, configuration);
  output::Progress progress(training->max_iterations());
  const std::vector<trainer::Observer*> observers{&recorder, &progress};
  const trainer::TrainingResult result =
      trainer::train(training->method(), state, world,
                     {.max_iterations = training->max_iterations(),
                      .patience = configuration.optimizer.patience,
                      .selection = configuration.model.selection,
                      .after_first_iteration = [&] { memory.note(Moment::first_iteration); }},
                     observers, times);
  training->complete_times();

  // 6. The selected model on a test set that had no say in the selection.
  const std::vector<double> last = training->parameters(state.theta());
  const std::vector<double> selected = training->parameters(*result.selected_theta);
  const std::optional<objective::Measurement> tested = training->test(*result.selected_theta);

  // 7. Save the model and the summary, and say what came out.
  const output::Model trained = output::make_model(network, sets.training, configuration.model,
                                                   last, selected, result.history);
  world.on_root([&] { output::write_model(folder.model(), trained, true); });
  memory.note(Moment::end);
  const output::RankCosts costs{
      times,
      memory,
      memory_of_rows,
      training->work(),
      asked.profile && devices.gpus == 0
          ? output::measure_peak(configuration.compute.precision, threads, world)
          : std::nullopt,
      devices.gpu ? objective::describe(devices.gpu->gpu) : ""};
  const output::Summary summary{
      .history = result.history,
      .parameters_hash = output::parameters_hash(trained.last),
      .selected_hash = output::parameters_hash(trained.selected),
      .configuration_hash = config::configuration_hash(configuration),
      .data_hash = fmt::format("{:016x}", training->data_hash()),
      .chunk_rows = dealt.training.partition.chunk_rows(),
      .shares = shares,
      .test = tested,
      .costs = output::collect_costs(world, costs, training->device(), threads)};
  world.on_root([&] { output::write_summary(folder.summary(), summary); });
  output::report_phases(summary.costs);
  if (asked.profile) output::report_profile(summary.costs);
  output::report_result(summary, folder);
  return trainer::exit_status_of(result.history.status);
}

}  // namespace
}  // namespace annmpi

int main(int argc, char** argv) {
  // --help, --version and --print-config need no MPI, and work where MPI does not.
  if (const auto answer = annmpi::config::answer(argc, argv, annmpi::output::program_version())) {
    if (annmpi::comm::launched_as_rank_0()) annmpi::log::info("{}", *answer);
    return annmpi::exit_status::success;
  }
  return annmpi::comm::run_mpi_session(argc, argv, [&](const annmpi::comm::Communicator& world) {
    return annmpi::run(argc, argv, world);
  });
}
