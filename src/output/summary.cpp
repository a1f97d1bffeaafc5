#include "annmpi/output/summary.hpp"

#include <nlohmann/json.hpp>

#include "annmpi/io/pending_file.hpp"
#include "annmpi/model/instructions.hpp"
#include "annmpi/output/versions.hpp"

namespace annmpi::output {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const trainer::Record& record) {
  Json json{{"iteration", record.iteration},
            {"train_cost", record.training.cost},
            {"train_accuracy", record.training.accuracy},
            {"monitor_cost", nullptr},
            {"monitor_accuracy", nullptr}};
  if (record.monitored) {
    json["monitor_cost"] = record.monitored->cost;
    json["monitor_accuracy"] = record.monitored->accuracy;
  }
  return json;
}

Json to_json(const Spread& spread) {
  return {{"minimum", spread.minimum}, {"median", spread.median}, {"maximum", spread.maximum}};
}

Json to_json(const std::vector<PhaseSummary>& phases) {
  Json list = Json::array();
  for (const PhaseSummary& phase : phases)
    list.push_back(
        {{"name", phase.name}, {"calls", phase.calls}, {"seconds", to_json(phase.seconds)}});
  return list;
}

}  // namespace

void write_summary(const std::string& path, const Summary& summary) {
  const RunCosts& costs = summary.costs;
  const trainer::TrainingHistory& history = summary.history;
  Json versions_used;
  for (const auto& [name, version] : versions())
    versions_used[name] = version ? Json(*version) : Json(nullptr);
  const std::optional<model::BlasLibrary> blas = model::loaded_blas();
  Json json{{"status", trainer::name_of(history.status)},
            {"exit_status", trainer::exit_status_of(history.status)},
            {"iterations", history.last.iteration},
            {"evaluations", history.last.evaluations},
            {"parameters_hash", summary.parameters_hash},
            {"selected_hash", summary.selected_hash},
            {"selected_iteration", history.selected.iteration},
            {"initial", to_json(history.initial)},
            {"final", to_json(history.last)},
            {"selected", to_json(history.selected)},
            {"seconds",
             {{"whole_program", costs.whole_program_seconds},
              {"training", history.last.seconds},
              {"loading", costs.loading_seconds}}},
            {"phases", to_json(costs.phases)},
            {"memory",
             {{"peak_bytes_per_rank",
               {{"minimum", costs.peak_bytes.minimum}, {"maximum", costs.peak_bytes.maximum}}}}},
            {"launch",
             {{"ranks", costs.ranks},
              {"hosts", costs.hosts},
              {"threads", costs.threads},
              {"device_per_rank", costs.device},
              {"simd_target", model::simd_target()},
              {"blas_core", blas ? Json(blas->core) : Json(nullptr)}}},
            {"versions", versions_used},
            {"configuration_hash", summary.configuration_hash},
            {"data_hash", summary.data_hash}};
  if (summary.test)
    json["test"] = {{"cost", summary.test->cost}, {"accuracy", summary.test->accuracy}};
  io::write_text_file(path, json.dump(2) + "\n", true);
}

}  // namespace annmpi::output
