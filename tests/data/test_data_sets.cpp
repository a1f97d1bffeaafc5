#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/data_sets.hpp"
#include "annmpi/data/dealt_sets.hpp"

#include "support/samples.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

// Every rank reads the headers; inspect() ends with a collective call, so rank 0 removes the files
// after the others have read them.
namespace annmpi::data {
namespace {

using Names = std::vector<std::string>;

using tests::world;

tests::Samples samples_of(std::uint64_t rows, std::uint64_t columns, int classes) {
  return tests::random_samples(rows, columns, classes, io::ElementType::uint8, 7);
}

/// Writes a file on rank 0.
void write(const std::string& path, const tests::Samples& samples, const Names& names = {}) {
  world().on_root([&] { tests::write_data_file(path, samples, names); });
}

config::Configuration::Data files(std::string train, std::string test = "",
                                  std::string validation = "") {
  return {std::move(train), std::move(test), std::move(validation)};
}

/// The message of inspect()'s AgreedError. Any other exception ends the test program.
std::string complaint(const config::Configuration::Data& data) {
  try {
    (void)inspect(data, world());
  } catch (const comm::AgreedError& error) {
    return error.what();
  }
  return "none";
}

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << text << "\nlacks: " << part;
  // The same message on every rank, without a rank: the error is that of all.
  EXPECT_EQ(text, world().from_root(text));
  EXPECT_EQ(text.find("seen by rank"), std::string::npos) << text;
}

TEST(Inspect, TakesTheTestSetForTheMonitoredOneWhereThereIsNoOther) {
  const tests::SharedFolder folder(world());
  write(folder / "train.h5", samples_of(10, 4, 2), {"E", "S"});
  write(folder / "test.h5", samples_of(5, 4, 2), {"E", "S"});
  write(folder / "validation.h5", samples_of(6, 4, 2), {"E", "S"});

  const DataSets alone = inspect(files(folder / "train.h5"), world());
  EXPECT_EQ(alone.training.rows, 10U);
  EXPECT_FALSE(alone.monitored.has_value());
  EXPECT_FALSE(alone.test.has_value());

  const DataSets two = inspect(files(folder / "train.h5", folder / "test.h5"), world());
  EXPECT_EQ(two.monitored.value().rows, 5U);
  EXPECT_FALSE(two.test.has_value());

  const DataSets three =
      inspect(files(folder / "train.h5", folder / "test.h5", folder / "validation.h5"), world());
  EXPECT_EQ(three.monitored.value().rows, 6U);
  EXPECT_EQ(three.test.value().rows, 5U);
}

TEST(Inspect, CountsClassesThatHaveNoNames) {
  const tests::SharedFolder folder(world());
  tests::Samples samples = samples_of(10, 4, 2);
  samples.labels[8] = 4;  // the largest, though 2 and 3 do not occur
  write(folder / "train.h5", samples);
  write(folder / "test.h5", samples_of(5, 4, 2));
  const DataSets sets = inspect(files(folder / "train.h5", folder / "test.h5"), world());
  EXPECT_EQ(sets.training.class_names, (Names{"0", "1", "2", "3", "4"}));
  // Labels of the other set refer to classes of the training set.
  EXPECT_EQ(sets.monitored.value().class_names, sets.training.class_names);
}

TEST(Inspect, RefusesLabelsThatCannotBeNumbersOfClasses) {
  const tests::SharedFolder folder(world());
  tests::Samples samples = samples_of(10, 4, 2);
  samples.labels[3] = 1'000'000;
  write(folder / "large.h5", samples);
  expect_parts(complaint(files(folder / "large.h5")), {"large.h5: labels", "1000000"});
  std::ranges::fill(samples.labels, -2);
  write(folder / "negative.h5", samples);
  expect_parts(complaint(files(folder / "negative.h5")), {"negative.h5: labels", "-2"});
}

TEST(Inspect, AgreesOnAFileThatIsMissing) {
  const tests::SharedFolder folder(world());
  write(folder / "train.h5", samples_of(10, 4, 2), {"E", "S"});
  expect_parts(complaint(files(folder / "absent.h5")), {"absent.h5"});
  expect_parts(complaint(files(folder / "train.h5", folder / "absent.h5")), {"absent.h5"});
}

TEST(Inspect, AgreesOnATestSetThatDoesNotFit) {
  const tests::SharedFolder folder(world());
  write(folder / "train.h5", samples_of(10, 4, 2), {"E", "S"});
  write(folder / "narrow.h5", samples_of(5, 3, 2), {"E", "S"});
  write(folder / "renamed.h5", samples_of(5, 4, 2), {"S", "E"});
  expect_parts(complaint(files(folder / "train.h5", folder / "narrow.h5")),
               {"narrow.h5", "3 features", "train.h5"});
  expect_parts(complaint(files(folder / "train.h5", "", folder / "renamed.h5")),
               {"renamed.h5", "S,E", "E,S"});
}

TEST(Deal, GivesGpusBesideCpusSeveralChunksAtATime) {
  DataSets sets;
  sets.training.rows = 100'000;
  const auto at_a_time = [&](std::int64_t chunk_rows, Hardware hardware) {
    const DealtSet dealt = deal(sets, chunk_rows, 8227, 2, false, hardware).training;
    EXPECT_EQ(dealt.partition.chunk_rows(), chunk_rows > 0              ? chunk_rows
                                            : hardware == Hardware::gpu ? 8192
                                                                        : 96);
    EXPECT_EQ(dealt.rows_at_a_time(), dealt.chunks_at_a_time * dealt.partition.chunk_rows());
    return dealt.chunks_at_a_time;
  };
  for (const auto hardware : {Hardware::cpu, Hardware::gpu}) EXPECT_EQ(at_a_time(0, hardware), 1U);
  EXPECT_EQ(at_a_time(0, Hardware::gpu_beside_cpus), 85U);  // 8160 rows
  EXPECT_EQ(at_a_time(1024, Hardware::gpu_beside_cpus), 8U);
  EXPECT_EQ(at_a_time(20'000, Hardware::gpu_beside_cpus), 1U);
}

}  // namespace
}  // namespace annmpi::data
