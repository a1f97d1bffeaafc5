#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annmpi/device/instructions.hpp"
#include "annmpi/io/pending_file.hpp"
#include "annmpi/output/summary.hpp"

#include "config/message.hpp"
#include "output/records.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::output {
namespace {

using Json = nlohmann::json;

Summary summary_of_a_run() {
  Summary summary;
  summary.history.status = trainer::Status::line_search_failed;
  summary.history.initial = tests::some_record();
  summary.history.initial.iteration = 0;
  summary.history.selected = tests::some_record();
  summary.history.selected.iteration = 2;
  summary.history.last = tests::some_record();
  summary.history.last.training.cost = 0.05;
  summary.parameters_hash = std::string(32, 'a');
  summary.selected_hash = std::string(32, 'b');
  summary.configuration_hash = std::string(32, 'c');
  summary.data_hash = std::string(16, 'd');
  summary.costs.ranks = 4;
  summary.costs.hosts = 2;
  summary.costs.device = "CPU";
  summary.costs.peak_bytes = {1e8, 1.5e8, 2e8};
  summary.costs.features_bytes = {1e7, 2e7, 3e7};
  summary.costs.cache_bytes = {1e6, 2e6, 3e6};
  summary.costs.resident = {{"loaded", {3e7, 4e7, 5e7}}};
  summary.costs.phases = {{"load", 1, {0.1, 0.2, 0.3}}, {"trials", 9, {1, 2, 3}}};
  summary.costs.loading_seconds = 0.3;
  summary.costs.whole_program_seconds = 5;
  return summary;
}

Json written(const Summary& summary) {
  const tests::TemporaryFolder folder;
  write_summary(folder / "summary.json", summary);
  const std::string text = io::read_text_file(folder / "summary.json");
  EXPECT_EQ(text.back(), '\n');
  return Json::parse(text);
}

TEST(Summary, SaysHowTheRunEnded) {
  const Json json = written(summary_of_a_run());
  EXPECT_EQ(json.at("status"), "line_search_failed");
  EXPECT_EQ(json.at("exit_status"), 3);
  EXPECT_EQ(json.at("iterations"), 3);
  EXPECT_EQ(json.at("evaluations"), 7);
  EXPECT_EQ(json.at("parameters_hash"), std::string(32, 'a'));
  EXPECT_EQ(json.at("selected_hash"), std::string(32, 'b'));
  EXPECT_EQ(json.at("selected_iteration"), 2);
  EXPECT_EQ(json.at("configuration_hash"), std::string(32, 'c'));
  EXPECT_EQ(json.at("data_hash"), std::string(16, 'd'));
}

TEST(Summary, SaysHowRowsWereDealt) {
  Summary summary = summary_of_a_run();
  summary.chunk_rows = 96;
  EXPECT_EQ(written(summary).at("dealing"), Json({{"chunk_rows", 96}}));
  summary.rank_weights.of_ranks = {1, 0.125, 0, 3};
  EXPECT_EQ(written(summary).at("dealing").at("shares"), Json({1.0, 0.125, 0.0, 3.0}));
  EXPECT_EQ(written(summary).at("dealing").at("measured"), false);
  summary.rank_weights.measured = true;
  EXPECT_EQ(written(summary).at("dealing").at("measured"), true);
}

TEST(Summary, DistinguishesGpusFromCpus) {
  Summary summary = summary_of_a_run();
  EXPECT_FALSE(written(summary).at("launch").contains("gpu_per_rank"));
  summary.costs.gpus = {"GPU 0 of node7", ""};
  EXPECT_EQ(written(summary).at("launch").at("gpu_per_rank"), Json({"GPU 0 of node7", nullptr}));
}

TEST(Summary, HoldsCostsAndAccuraciesToTheBit) {
  const Json json = written(summary_of_a_run());
  for (const std::string point : {"initial", "final", "selected"}) {
    const Json& at = json.at(point);
    EXPECT_EQ(at.at("train_cost").get<double>(), point == "final" ? 0.05 : 0.1);
    EXPECT_EQ(at.at("train_accuracy").get<double>(), 2.0 / 3);
    EXPECT_EQ(at.at("monitor_cost").get<double>(), 1.5);
    EXPECT_EQ(at.at("monitor_accuracy").get<double>(), 0.5);
  }
}

TEST(Summary, HasNullsWhereNothingWasMonitored) {
  Summary summary = summary_of_a_run();
  for (auto* record : {&summary.history.initial, &summary.history.last, &summary.history.selected})
    record->monitored.reset();
  const Json json = written(summary);
  for (const std::string point : {"initial", "final", "selected"}) {
    EXPECT_TRUE(json.at(point).at("monitor_cost").is_null());
    EXPECT_TRUE(json.at(point).at("monitor_accuracy").is_null());
  }
}

TEST(Summary, SaysWhatTheRunTook) {
  const Json json = written(summary_of_a_run());
  EXPECT_EQ(json.at("seconds").at("whole_program").get<double>(), 5);
  EXPECT_EQ(json.at("seconds").at("training").get<double>(), 0.25);
  EXPECT_EQ(json.at("seconds").at("loading").get<double>(), 0.3);
  ASSERT_EQ(json.at("phases").size(), 2U);
  const Json& trials = json.at("phases").at(1);
  EXPECT_EQ(trials.at("name"), "trials");
  EXPECT_EQ(trials.at("calls"), 9);
  EXPECT_EQ(trials.at("seconds").at("minimum").get<double>(), 1);
  EXPECT_EQ(trials.at("seconds").at("median").get<double>(), 2);
  EXPECT_EQ(trials.at("seconds").at("maximum").get<double>(), 3);
  const Json& memory = json.at("memory").at("peak_bytes_per_rank");
  EXPECT_EQ(memory.at("minimum").get<double>(), 1e8);
  EXPECT_EQ(memory.at("maximum").get<double>(), 2e8);
  EXPECT_EQ(json.at("memory").at("features_bytes_per_rank").at("maximum").get<double>(), 3e7);
  EXPECT_EQ(json.at("memory").at("cache_bytes_per_rank").at("minimum").get<double>(), 1e6);
  const Json& resident = json.at("memory").at("resident_bytes_per_rank");
  EXPECT_EQ(resident.size(), 1U);
  EXPECT_EQ(resident.at("loaded").at("minimum").get<double>(), 3e7);
  EXPECT_EQ(resident.at("loaded").at("maximum").get<double>(), 5e7);
  EXPECT_EQ(json.at("launch").at("ranks"), 4);
  EXPECT_EQ(json.at("launch").at("hosts"), 2);
  EXPECT_EQ(json.at("launch").at("threads"), 1);
  EXPECT_EQ(json.at("launch").at("device_per_rank"), "CPU");
  EXPECT_EQ(json.at("launch").at("simd_target"), device::simd_target());
}

TEST(Summary, ComparesSpeedsWithThePeakWhereThatWasMeasured) {
  Summary summary = summary_of_a_run();
  EXPECT_FALSE(written(summary).at("phases").at(1).contains("gflops_per_second"));
  summary.costs.phases[1].gflops = Spread{40, 50, 60};
  summary.costs.phases[1].gbytes = Spread{1, 2, 3};
  Json json = written(summary);
  EXPECT_FALSE(json.contains("peak"));
  EXPECT_FALSE(json.at("phases").at(1).contains("share_of_peak"));
  EXPECT_EQ(json.at("phases").at(1).at("gflops_per_second").at("median").get<double>(), 50);
  EXPECT_EQ(json.at("phases").at(1).at("gbytes_per_second").at("maximum").get<double>(), 3);
  summary.costs.peak = PeakSummary{{80, 100, 110}, {9, 10, 11}};
  json = written(summary);
  EXPECT_EQ(json.at("peak").at("gflops_per_second").at("median").get<double>(), 100);
  EXPECT_EQ(json.at("peak").at("gbytes_per_second").at("minimum").get<double>(), 9);
  EXPECT_EQ(json.at("phases").at(1).at("share_of_peak").at("share").get<double>(), 0.5);
  EXPECT_EQ(json.at("phases").at(1).at("share_of_peak").at("of"), "arithmetic");
}

TEST(Summary, NamesTheVersionsThatTakePartInResults) {
  const Json json = written(summary_of_a_run());
  const Json& versions = json.at("versions");
  for (const std::string name : {"annmpi", "compiler", "mpi", "hdf5"}) {
    ASSERT_TRUE(versions.at(name).is_string()) << name;
    EXPECT_NE(versions.at(name), "") << name;
  }
  // No layer of this test needed it.
  EXPECT_TRUE(versions.at("openblas").is_null());
  EXPECT_TRUE(json.at("launch").at("blas_core").is_null());
}

TEST(Summary, HasATestSetOnlyIfThereWasOne) {
  Summary summary = summary_of_a_run();
  EXPECT_FALSE(written(summary).contains("test"));
  summary.test = objective::Measurement{.cost = 1.25, .accuracy = 0.75};
  EXPECT_EQ(written(summary).at("test").at("cost").get<double>(), 1.25);
  EXPECT_EQ(written(summary).at("test").at("accuracy").get<double>(), 0.75);
}

TEST(Summary, NamesTheFileThatCannotBeWritten) {
  tests::expect_message(
      tests::message_of([] { write_summary("/proc/annmpi/summary.json", summary_of_a_run()); }),
      {"/proc/annmpi"});
}

TEST(Spread, TakesTheMiddleOrTheMeanOfTheTwoMiddleValues) {
  const auto expect = [](std::vector<double> values, double minimum, double median,
                         double maximum) {
    const Spread spread = spread_of(std::move(values));
    EXPECT_EQ(spread.minimum, minimum);
    EXPECT_EQ(spread.median, median);
    EXPECT_EQ(spread.maximum, maximum);
  };
  expect({}, 0, 0, 0);
  expect({7}, 7, 7, 7);
  expect({9, 1}, 1, 5, 9);
  expect({9, 1, 2}, 1, 2, 9);
  expect({4, 1, 9, 2}, 1, 3, 9);
}

}  // namespace
}  // namespace annmpi::output
