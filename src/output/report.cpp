#include "annmpi/output/report.hpp"

#include <fmt/format.h>

#include "annmpi/base/log.hpp"

namespace annmpi::output {
namespace {

std::string describe(const data::Dataset& data) {
  return fmt::format("{}: {} rows of {} features ({}), {} classes", data.path, data.rows,
                     data.features, io::name_of(data.type), data.class_names.size());
}

std::string describe_start(const config::Configuration::Model& model) {
  if (!model.start_from.empty()) return model.start_from;
  if (model.init == config::Initialisation::uniform)
    return fmt::format("uniform in [-{0}, {0}), seed {1}", model.init_half_width, model.seed);
  return fmt::format("{}, seed {}", config::name_of(model.init), model.seed);
}

std::string describe(const config::Configuration::Optimizer& optimizer, std::uint64_t rows) {
  const std::string_view kind = config::name_of(optimizer.kind);
  if (!optimizer.takes_batches())
    return fmt::format("{}, at most {} iterations, gradient tolerance {}", kind,
                       optimizer.max_iterations, optimizer.gradient_tolerance);
  const auto batch_rows = static_cast<std::uint64_t>(optimizer.batch_size);
  return fmt::format("{}, {} epochs of {} batches of {} rows, learning rate {} ({})", kind,
                     optimizer.epochs, (rows + batch_rows - 1) / batch_rows, batch_rows,
                     optimizer.learning_rate, config::name_of(optimizer.schedule));
}

std::string percent(double share) {
  return fmt::format("{:.2f} %", 100 * share);
}

void report_record(const std::string& name, const trainer::Record& record) {
  std::string line = fmt::format("  {:<9} {:>9}  {:>12.6f}  {:>9}", name, record.iteration,
                                 record.training.cost, percent(record.training.accuracy));
  if (record.monitored)
    line += fmt::format("  {:>14.6f}  {:>9}", record.monitored->cost,
                        percent(record.monitored->accuracy));
  log::info("{}", line);
}

std::string_view advice(trainer::Status status) {
  switch (status) {
    case trainer::Status::converged:
      return "the gradient is within the tolerance";
    case trainer::Status::iteration_limit:
      return "the iteration limit was reached";
    case trainer::Status::line_search_failed:
      return "the line search found no better point; the best one is kept";
    case trainer::Status::diverged:
      return "the cost is no longer finite; lower optimizer.learning_rate or set "
             "optimizer.clip_norm";
    case trainer::Status::patience:
      return "no lower monitored cost within optimizer.patience";
    case trainer::Status::stopped:
      break;
  }
  return "stopped by a signal; the current state is saved";
}

/// "   48.70     3.04  37 % of FMA peak": the median rank's rates.
std::string speed_columns(const PhaseSummary& phase, const PeakSummary& peak) {
  const auto column = [](const std::optional<Spread>& rate) {
    return rate ? fmt::format("  {:>8.2f}", rate->median) : std::string(10, ' ');
  };
  std::string text = column(phase.gflops) + column(phase.gbytes);
  if (const auto near = peak_share(phase, peak))
    text += fmt::format("  {:.0f} % of {}", 100 * near->share,
                        near->of_arithmetic ? "FMA peak" : "memory's peak");
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// "24.1", or "24.1 to 25.3" where ranks differ, in MB (1e6 bytes).
std::string megabytes(const Spread& bytes) {
  const std::string least = fmt::format("{:.1f}", bytes.minimum / 1e6);
  const std::string most = fmt::format("{:.1f}", bytes.maximum / 1e6);
  return least == most ? least : fmt::format("{} to {}", least, most);
}

}  // namespace

void announce(const config::Configuration& configuration, const trainer::Problem& problem,
              const trainer::ExecutionPlan& plan, const std::string& device, int ranks) {
  const auto& [data, model, optimizer, compute, output] = configuration;
  const auto& [sets, network] = problem;
  const auto line = [](std::string_view name, std::string_view text) {
    log::info("  {:<10} {}", name, text);
  };
  log::info("annmpi: training on {} rank{}", ranks, ranks == 1 ? "" : "s");
  line("training", describe(sets.training));
  if (sets.monitored) line("monitored", describe(*sets.monitored));
  if (sets.test) line("test", describe(*sets.test));
  line("network", network::describe(network));
  line("start", fmt::format("{}; l2 = {}", describe_start(model), model.l2));
  line("optimizer", describe(optimizer, sets.training.rows));
  line("device", device);
  for (const trainer::PlanLine& planned : trainer::describe(plan)) line(planned.name, planned.text);
  line("output", output.directory);
  if (sets.monitored && data.validation.empty() && model.selection == config::Selection::best)
    log::info(
        "Note: the model is selected by its cost on data.test, so its accuracy there is biased; "
        "give data.validation for an unbiased estimate.");
}

void report_result(const Summary& summary, const RunFolder& folder) {
  const trainer::TrainingHistory& history = summary.history;
  const bool monitored = history.initial.monitored.has_value();
  log::info("{}: {} iterations and {} evaluations in {:.2f} s ({})",
            trainer::name_of(history.status), history.last.iteration, history.last.evaluations,
            history.last.seconds, advice(history.status));
  log::info("  {:<9} {:>9}  {:>12}  {:>9}{}", "", "iteration", "train cost", "accuracy",
            monitored ? "  monitored cost   accuracy" : "");
  report_record("initial", history.initial);
  report_record("final", history.last);
  report_record("selected", history.selected);
  if (summary.test)
    log::info("  test set, selected model: cost {:.6f}, accuracy {}", summary.test->cost,
              percent(summary.test->accuracy));
  log::info("Files in {}: config.toml, metrics.csv, model.h5, summary.json", folder.path);
  log::info("parameters {}", summary.parameters_hash);
}

void report_phases(const RunCosts& costs) {
  log::info("  {:<9} {:>9}  {:>10}  {:>10}  {:>10}{}", "phase", "calls", "minimum", "median",
            "maximum",
            costs.peak ? fmt::format("  {:>8}  {:>8}  of a rank", "GFLOP/s", "GB/s")
                       : "   seconds over ranks");
  for (const PhaseSummary& phase : costs.phases)
    if (phase.calls > 0)
      log::info("  {:<9} {:>9}  {:>10.4f}  {:>10.4f}  {:>10.4f}{}", phase.name, phase.calls,
                phase.seconds.minimum, phase.seconds.median, phase.seconds.maximum,
                costs.peak ? speed_columns(phase, *costs.peak) : "");
}

void report_profile(const RunCosts& costs) {
  if (costs.peak)
    log::info(
        "  peak of a rank: {:.1f} GFLOP/s by fused multiply-adds (AMX on bytes may pass it), "
        "memory read at {:.1f} GB/s",
        costs.peak->gflops.median, costs.peak->gbytes.median);
  std::string line;
  for (const MemorySummary& moment : costs.resident)
    line += fmt::format("{} {}, ", moment.name, megabytes(moment.bytes));
  log::info("  memory of a rank in MB: {}peak {}", line, megabytes(costs.peak_bytes));
}

}  // namespace annmpi::output
