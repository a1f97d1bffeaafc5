#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/log.hpp"
#include "annmpi/output/report.hpp"

#include "output/records.hpp"

namespace annmpi::output {
namespace {

data::Dataset galaxies(const std::string& path, std::uint64_t rows) {
  data::Dataset set;
  set.path = path;
  set.rows = rows;
  set.features = 1024;
  set.type = io::ElementType::uint8;
  set.class_names = {"E", "S", "I"};
  return set;
}

template <class Function>
std::string printed(Function&& function) {
  testing::internal::CaptureStdout();
  function();
  return testing::internal::GetCapturedStdout();
}

std::string announced(const config::Configuration& configuration, const data::DataSets& sets) {
  const trainer::Problem problem{sets,
                                 network::make_network({1024, 8, 3}, config::Activation::sigmoid,
                                                       config::OutputUnit::sigmoid)};
  const data::DealtSet training{sets.training, data::Partition(2700, 96, 2)};
  const trainer::ExecutionPlan plan{.sets = {training, std::nullopt, std::nullopt},
                                    .largest_memory = {2'800'000, 400'000}};
  return printed([&] { announce(configuration, problem, plan, "CPU", 2); });
}

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << text << "\nlacks: " << part;
}

TEST(Announce, ShowsTheEffectiveSetUp) {
  config::Configuration configuration;
  configuration.model.l2 = 0.5;
  configuration.output.directory = "runs/galaxy";
  const std::string text =
      announced(configuration, {galaxies("train.h5", 2700), std::nullopt, std::nullopt});
  expect_parts(text,
               {"2 ranks", "train.h5", "2700 rows of 1024 features (uint8), 3 classes", "1024-8-3",
                "8227 parameters", "seed 917", "l2 = 0.5", "600 iterations",
                "29 chunks of 96 rows, imbalance 1.03", "CPU",
                "per rank at most 2.8 MB of features, 0.4 MB of carried values", "runs/galaxy"});
  EXPECT_EQ(text.find("Note:"), std::string::npos) << text;
}

TEST(Announce, SaysWhenTheModelIsSelectedOnTheSetCalledTest) {
  config::Configuration configuration;
  configuration.data.test = "test.h5";
  const data::DataSets monitoring_the_test_set{galaxies("train.h5", 2700), galaxies("test.h5", 900),
                                               std::nullopt};
  const std::string note = "Note: the model is selected by its cost on data.test";
  expect_parts(announced(configuration, monitoring_the_test_set), {note});
  // The last parameters are not selected by any set.
  configuration.model.selection = config::Selection::last;
  EXPECT_EQ(announced(configuration, monitoring_the_test_set).find(note), std::string::npos);
  // With a validation set, the test set selects nothing.
  configuration.model.selection = config::Selection::best;
  configuration.data.validation = "validation.h5";
  EXPECT_EQ(announced(configuration, {galaxies("train.h5", 2700), galaxies("validation.h5", 900),
                                      galaxies("test.h5", 900)})
                .find(note),
            std::string::npos);
}

Summary some_summary() {
  Summary summary;
  summary.history.initial = summary.history.last = summary.history.selected = tests::some_record();
  summary.history.initial.iteration = 0;
  summary.history.initial.training.cost = 2.5;
  summary.parameters_hash = "0123456789abcdef0123456789abcdef";
  return summary;
}

TEST(ReportResult, SaysWhatCameOutAndWhereTheFilesLieAndEndsWithTheHash) {
  Summary summary = some_summary();
  summary.test = objective::Measurement{.cost = 1.25, .accuracy = 0.75};
  const std::string text = printed([&] { report_result(summary, RunFolder{"runs/galaxy"}); });
  expect_parts(text, {"iteration_limit: 3 iterations and 7 evaluations in 0.25 s", "2.500000",
                      "0.100000", "66.67 %", "1.500000", "50.00 %", "cost 1.250000", "75.00 %",
                      "Files in runs/galaxy: config.toml, metrics.csv, model.h5, summary.json"});
  EXPECT_TRUE(text.ends_with("\nparameters 0123456789abcdef0123456789abcdef\n")) << text;
}

TEST(ReportResult, IsSilentWhereTheLogIs) {
  log::set_level(log::Level::warning);
  EXPECT_EQ(printed([] { report_result(some_summary(), RunFolder{"runs/galaxy"}); }), "");
  log::set_level(log::Level::info);
}

TEST(ReportPhases, HasALineForEachPhaseThatWasEntered) {
  RunCosts costs;
  costs.phases = {{"load", 1, {0.1, 0.2, 0.3}}, {"wait", 0, {0, 0, 0}}, {"trials", 9, {1, 2, 3}}};
  const std::string text = printed([&] { report_phases(costs); });
  expect_parts(text, {"minimum", "median", "maximum", "load", "0.1000", "0.2000", "0.3000",
                      "trials", "9", "3.0000"});
  EXPECT_EQ(text.find("wait"), std::string::npos) << text;
}

TEST(ReportPhases, ComparesSpeedsWithThePeakWhereItIsKnown) {
  RunCosts costs;
  costs.phases = {{"load", 1, {0.1, 0.2, 0.3}},
                  {"aim", 9, {1, 2, 3}, Spread{40, 50, 60}, Spread{1, 2, 3}},
                  {"trials", 9, {1, 2, 3}, Spread{1, 1, 1}, Spread{6, 6, 6}}};
  EXPECT_EQ(printed([&] { report_phases(costs); }).find("peak"), std::string::npos);
  costs.peak = PeakSummary{{80, 100, 110}, {9, 10, 11}};
  const std::string text = printed([&] { report_phases(costs); });
  expect_parts(text, {"GFLOP/s", "GB/s", "50.00      2.00  50 % of FMA peak\n",
                      "1.00      6.00  60 % of memory's peak\n", "0.3000\n"});
}

TEST(ReportProfile, ShowsThePeakAndTheMemoryOverTime) {
  RunCosts costs;
  costs.peak = PeakSummary{{80, 100, 110}, {9, 10, 11}};
  costs.resident = {{"start", {2e7, 2e7, 2e7}}, {"loaded", {3e7, 4e7, 5e7}}};
  costs.peak_bytes = {1e8, 1.5e8, 2e8};
  expect_parts(printed([&] { report_profile(costs); }),
               {"100.0 GFLOP/s", "10.0 GB/s",
                "in MB: start 20.0, loaded 30.0 to 50.0, peak 100.0 to 200.0\n"});
}

TEST(PeakShare, IsTheLargerOfArithmeticAndReading) {
  const PeakSummary peak{{0, 100, 0}, {0, 10, 0}};
  EXPECT_FALSE(peak_share({"load", 1, {}}, peak).has_value());
  const auto arithmetic = peak_share({"aim", 1, {}, Spread{0, 80, 0}, Spread{0, 2, 0}}, peak);
  EXPECT_EQ(arithmetic->share, 0.8);
  EXPECT_TRUE(arithmetic->of_arithmetic);
  const auto reading = peak_share({"aim", 1, {}, Spread{0, 20, 0}, Spread{0, 5, 0}}, peak);
  EXPECT_EQ(reading->share, 0.5);
  EXPECT_FALSE(reading->of_arithmetic);
  // Memory that could not be measured.
  EXPECT_EQ(peak_share({"aim", 1, {}, Spread{0, 20, 0}, Spread{0, 5, 0}}, {{0, 100, 0}, {}})->share,
            0.2);
}

}  // namespace
}  // namespace annmpi::output
