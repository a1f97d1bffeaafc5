#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "annmpi/io/pending_file.hpp"

#include "config/message.hpp"
#include "output/metrics_file.hpp"
#include "output/records.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::output {
namespace {

const std::string header =
    "iteration,evaluations,seconds,train_cost,train_accuracy,monitor_cost,monitor_accuracy,"
    "gradient_norm,step\n";

TEST(MetricsFile, HasItsHeaderBeforeTheFirstRow) {
  const tests::TemporaryFolder folder;
  const MetricsFile file(folder / "metrics.csv");
  EXPECT_EQ(io::read_text_file(folder / "metrics.csv"), header);
}

TEST(MetricsFile, WritesSeventeenDigitsAndEachRowAtOnce) {
  const tests::TemporaryFolder folder;
  MetricsFile file(folder / "metrics.csv");
  file.observe(tests::some_record());
  // Read while the file is open: the rows of a killed run must be there.
  EXPECT_EQ(io::read_text_file(folder / "metrics.csv"),
            header +
                "3,7,0.25,0.10000000000000001,0.66666666666666663,1.5,0.5,"
                "1.0000000000000001e-05,0.33333333333333331\n");
}

TEST(MetricsFile, LeavesTheMonitoredColumnsEmptyWhereNothingIsMonitored) {
  const tests::TemporaryFolder folder;
  MetricsFile file(folder / "metrics.csv");
  trainer::Record record = tests::some_record();
  record.monitored.reset();
  file.observe(record);
  EXPECT_EQ(io::read_text_file(folder / "metrics.csv"),
            header +
                "3,7,0.25,0.10000000000000001,0.66666666666666663,,,"
                "1.0000000000000001e-05,0.33333333333333331\n");
}

TEST(MetricsFile, GivesEveryDoubleBackToTheBit) {
  const tests::TemporaryFolder folder;
  MetricsFile file(folder / "metrics.csv");
  trainer::Record record = tests::some_record();
  record.training.cost = std::nextafter(1.0, 2.0);
  record.gradient_norm = std::numeric_limits<double>::denorm_min();
  file.observe(record);
  const std::string text = io::read_text_file(folder / "metrics.csv").substr(header.size());
  EXPECT_EQ(std::stod(text.substr(text.find("0.25,") + 5)), record.training.cost);
  EXPECT_NE(text.find(",4.9406564584124654e-324,"), std::string::npos) << text;
}

TEST(MetricsFile, NamesTheFileThatCannotBeWritten) {
  const tests::TemporaryFolder folder;
  tests::expect_message(
      tests::message_of([&] { const MetricsFile file(folder / "absent/metrics.csv"); }),
      {"absent/metrics.csv", "cannot be written"});
  // A full disk shows at the first flush.
  tests::expect_message(tests::message_of([] { const MetricsFile file("/dev/full"); }),
                        {"/dev/full", "No space left"});
}

}  // namespace
}  // namespace annmpi::output
