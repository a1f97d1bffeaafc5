#include "annmpi/output/run.hpp"

#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "annmpi/base/log.hpp"
#include "annmpi/config/configuration_text.hpp"
#include "annmpi/output/model_file.hpp"
#include "annmpi/output/report.hpp"

#include "output/progress.hpp"
#include "output/run_recorder.hpp"

namespace annmpi::output {
namespace {

/// Peak speed of this rank, measured on all ranks at once; only with --profile and without GPUs.
/// Collective.
std::optional<RankPeak> peak_of_rank(const Run& run) {
  if (!run.request.command_line.profile || run.plan.devices.gpus > 0) return std::nullopt;
  return measure_peak(run.request.configuration.compute.precision, run.plan.threads,
                      run.communicator);
}

RunCosts costs_of(const Run& run) {
  const auto& gpu = run.plan.devices.gpu;
  const RankCosts mine{run.meter.times,        run.meter.memory,
                       run.plan.needed_memory, run.training.work(),
                       peak_of_rank(run),      gpu ? objective::describe(gpu->gpu) : ""};
  return collect_costs(run.communicator, mine, run.training.device(), run.plan.threads);
}

}  // namespace

RunFolder open_folder(const config::Request& request, const comm::Communicator& communicator) {
  const auto& [command_line, configuration] = request;
  log::set_level(!communicator.is_root() ? log::Level::off
                 : command_line.quiet    ? log::Level::warning
                                         : configuration.output.log_level);
  RunFolder folder{configuration.output.directory,
                   command_line.overwrite ? Existing::replace : Existing::refuse};
  communicator.on_root([&] { require_usable(folder); });
  return folder;
}

trainer::TrainingResult train(const Run& run) {
  const config::Configuration& configuration = run.request.configuration;
  const std::int64_t max_iterations = run.training.max_iterations();
  RunRecorder recorder(run.folder, configuration);
  Progress progress(max_iterations);
  const std::array<trainer::Observer*, 2> observers{&recorder, &progress};
  const auto note_memory = [&] { run.meter.memory.note(Moment::first_iteration); };
  trainer::TrainingResult result =
      trainer::train(run.training.method(), run.training.state(), run.communicator,
                     {.max_iterations = max_iterations,
                      .patience = configuration.optimizer.patience,
                      .selection = configuration.model.selection,
                      .after_first_iteration = note_memory},
                     observers, run.meter.times);
  run.training.complete_times();
  return result;
}

Summary save_results(const Run& run, const trainer::TrainingResult& result) {
  const config::Configuration& configuration = run.request.configuration;
  const std::vector<double> last = run.training.parameters(run.training.state().theta());
  const std::vector<double> selected = run.training.parameters(*result.selected_theta);
  const std::optional<objective::Measurement> test = run.training.test(*result.selected_theta);
  const Model model = make_model(run.problem.network, run.problem.sets.training,
                                 configuration.model, last, selected, result.history);
  run.communicator.on_root([&] { write_model(run.folder.model(), model, true); });
  run.meter.memory.note(Moment::end);
  Summary summary{.history = result.history,
                  .parameters_hash = parameters_hash(last),
                  .selected_hash = parameters_hash(selected),
                  .configuration_hash = config::configuration_hash(configuration),
                  .data_hash = fmt::format("{:016x}", run.training.data_hash()),
                  .chunk_rows = run.plan.sets.training.partition.chunk_rows(),
                  .rank_weights = run.plan.rank_weights,
                  .test = test,
                  .costs = costs_of(run)};
  run.communicator.on_root([&] { write_summary(run.folder.summary(), summary); });
  return summary;
}

void report(const Run& run, const Summary& summary) {
  report_phases(summary.costs);
  if (run.request.command_line.profile) report_profile(summary.costs);
  report_result(summary, run.folder);
}

}  // namespace annmpi::output
