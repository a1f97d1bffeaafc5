#include "annmpi/output/summary.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "annmpi/device/instructions.hpp"
#include "annmpi/io/pending_file.hpp"
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

Json phases_to_json(const RunCosts& costs) {
  Json list = Json::array();
  for (const PhaseSummary& phase : costs.phases) {
    if (phase.calls == 0) continue;  // phases of other methods
    Json json{{"name", phase.name}, {"calls", phase.calls}, {"seconds", to_json(phase.seconds)}};
    if (phase.gflops) json["gflops_per_second"] = to_json(*phase.gflops);
    if (phase.gbytes) json["gbytes_per_second"] = to_json(*phase.gbytes);
    const auto near = costs.peak ? peak_share(phase, *costs.peak) : std::nullopt;
    if (near)
      json["share_of_peak"] = {{"share", near->share},
                               {"of", near->of_arithmetic ? "arithmetic" : "memory"}};
    list.push_back(json);
  }
  return list;
}

/// Minimum and maximum, in whole bytes; these matter for memory.
Json ends_to_json(const Spread& bytes) {
  return {{"minimum", std::llround(bytes.minimum)}, {"maximum", std::llround(bytes.maximum)}};
}

Json memory_to_json(const RunCosts& costs) {
  Json resident = Json::object();
  for (const MemorySummary& moment : costs.resident)
    resident[moment.name] = ends_to_json(moment.bytes);
  return {{"peak_bytes_per_rank", ends_to_json(costs.peak_bytes)},
          {"features_bytes_per_rank", ends_to_json(costs.features_bytes)},
          {"cache_bytes_per_rank", ends_to_json(costs.cache_bytes)},
          {"resident_bytes_per_rank", resident}};
}

/// Null for a rank without a GPU.
Json gpus_to_json(const std::vector<std::string>& gpus) {
  Json list = Json::array();
  for (const std::string& gpu : gpus) list.push_back(gpu.empty() ? Json(nullptr) : Json(gpu));
  return list;
}

}  // namespace

void write_summary(const std::string& path, const Summary& summary) {
  const RunCosts& costs = summary.costs;
  const trainer::TrainingHistory& history = summary.history;
  Json versions_used;
  for (const auto& [name, version] : versions())
    versions_used[name] = version ? Json(*version) : Json(nullptr);
  const std::optional<device::BlasLibrary> blas = device::loaded_blas();
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
            {"phases", phases_to_json(costs)},
            {"memory", memory_to_json(costs)},
            {"launch",
             {{"ranks", costs.ranks},
              {"hosts", costs.hosts},
              {"threads", costs.threads},
              {"device_per_rank", costs.device},
              {"simd_target", device::simd_target()},
              {"blas_core", blas ? Json(blas->core) : Json(nullptr)}}},
            {"dealing", {{"chunk_rows", summary.chunk_rows}}},
            {"versions", versions_used},
            {"configuration_hash", summary.configuration_hash},
            {"data_hash", summary.data_hash}};
  if (!costs.gpus.empty()) json["launch"]["gpu_per_rank"] = gpus_to_json(costs.gpus);
  if (!summary.rank_weights.of_ranks.empty())
    json["dealing"].update(
        {{"shares", summary.rank_weights.of_ranks}, {"measured", summary.rank_weights.measured}});
  if (costs.peak)
    json["peak"] = {{"gflops_per_second", to_json(costs.peak->gflops)},
                    {"gbytes_per_second", to_json(costs.peak->gbytes)}};
  if (summary.test)
    json["test"] = {{"cost", summary.test->cost}, {"accuracy", summary.test->accuracy}};
  io::write_text_file(path, json.dump(2) + "\n", true);
}

}  // namespace annmpi::output
