#include <algorithm>
#include <fstream>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annmpi/data/batch_order.hpp"

namespace annmpi::data {
namespace {

std::vector<std::uint64_t> order_of(const BatchOrder& order, std::uint64_t epoch) {
  std::vector<std::uint64_t> rows;
  for (std::uint64_t position = 0; position < order.rows(); ++position)
    rows.push_back(order.row_at(epoch, position));
  return rows;
}

TEST(BatchOrder, HoldsEachRowOncePerEpoch) {
  for (const std::uint64_t rows : {1U, 2U, 3U, 16U, 17U, 1000U, 65537U}) {
    const BatchOrder order(rows, std::min<std::uint64_t>(rows, 128), 917);
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
      std::vector<std::uint64_t> found = order_of(order, epoch);
      std::ranges::sort(found);
      std::vector<std::uint64_t> all(rows);
      std::iota(all.begin(), all.end(), 0U);
      EXPECT_EQ(found, all) << rows << " rows, epoch " << epoch;
    }
  }
}

TEST(BatchOrder, IsWhatTheDocumentedFormulaGives) {
  std::ifstream file(ANNMPI_BATCH_TRAJECTORIES);
  const auto reference = nlohmann::json::parse(file);
  ASSERT_GT(reference["orders"].size(), 3U);
  for (const auto& expected : reference["orders"]) {
    const BatchOrder order(expected["rows"], 1, expected["seed"]);
    EXPECT_EQ(order_of(order, expected["epoch"]),
              expected["order"].get<std::vector<std::uint64_t>>());
  }
}

/// Recorded values: runs with a seed must stay repeatable from one version to the next.
TEST(RowPermutation, KeepsItsValues) {
  const auto first_rows = [](const RowPermutation& permutation) {
    std::vector<std::uint64_t> rows;
    for (std::uint64_t position = 0; position < 10; ++position)
      rows.push_back(permutation.row_at(position));
    return rows;
  };
  EXPECT_EQ(first_rows({1000, 1, 2}), (std::vector<std::uint64_t>{672U, 262U, 180U, 152U, 154U,
                                                                  416U, 466U, 848U, 328U, 992U}));
  EXPECT_EQ(first_rows({3'000'000'000'007, 9, 4}),
            (std::vector<std::uint64_t>{
                1527098604047U, 2309077472744U, 2177696932663U, 1452977302964U, 2989434697490U,
                322308219477U, 1318870814082U, 2940048856916U, 2440840392851U, 2212198516017U}));
}

TEST(BatchOrder, IsAnotherOneInEachEpochAndForEachSeed) {
  const BatchOrder order(1000, 10, 1);
  EXPECT_NE(order_of(order, 0), order_of(order, 1));
  EXPECT_NE(order_of(order, 0), order_of(BatchOrder(1000, 10, 2), 0));
  EXPECT_EQ(order_of(order, 7), order_of(BatchOrder(1000, 999, 1), 7));  // not of the batches
}

TEST(BatchOrder, CutsTheLastBatchShort) {
  const BatchOrder order(10, 4, 1);
  EXPECT_EQ(order.steps(), 3U);
  EXPECT_EQ(order.positions(0), (Range{0, 4}));
  EXPECT_EQ(order.positions(1), (Range{4, 8}));
  EXPECT_EQ(order.positions(2), (Range{8, 10}));
}

// Many files are sorted by class. A batch that is a fair sample of 128 from 10 equal classes has a
// mean chi-square of 9; its mean over 500 batches has a standard deviation of sqrt(18 / 500) =
// 0.19.
TEST(BatchOrder, MixesTheClassesOfASortedFile) {
  constexpr std::uint64_t rows = 64000;
  const BatchOrder order(rows, 128, 5);
  double sum = 0;
  for (std::uint64_t step = 0; step < order.steps(); ++step) {
    std::vector<double> counts(10);
    const Range positions = order.positions(step);
    for (std::uint64_t p = positions.begin; p < positions.end; ++p)
      counts[order.row_at(0, p) * 10 / rows] += 1;
    for (const double count : counts) sum += (count - 12.8) * (count - 12.8) / 12.8;
  }
  EXPECT_NEAR(sum / static_cast<double>(order.steps()), 9.0, 5 * 0.19);
}

// Positions of a row in different epochs are uncorrelated: over all rows the correlation is about
// 1 / sqrt(rows) = 0.01; 5 times that is allowed.
TEST(BatchOrder, IsUncorrelatedBetweenEpochs) {
  constexpr std::uint64_t rows = 10007;
  const BatchOrder order(rows, 100, 3);
  double products = 0;
  const double centre = (static_cast<double>(rows) - 1) / 2;
  const double variance = (static_cast<double>(rows) * static_cast<double>(rows) - 1) / 12;
  for (std::uint64_t p = 0; p < rows; ++p)
    products += (static_cast<double>(order.row_at(4, p)) - centre) *
                (static_cast<double>(order.row_at(5, p)) - centre);
  EXPECT_NEAR(products / static_cast<double>(rows) / variance, 0.0, 0.05);
}

TEST(PartOf, SharesDifferByOneAtMostAndCoverAll) {
  for (const std::uint64_t count : {0U, 1U, 7U, 128U, 1000U})
    for (const std::uint64_t parts : {1U, 2U, 3U, 4U, 8U, 13U}) {
      std::uint64_t next = 0;
      for (std::uint64_t part = 0; part < parts; ++part) {
        const Range own = part_of(count, part, parts);
        EXPECT_EQ(own.begin, next);
        next = own.end;
        EXPECT_GE(own.size(), count / parts);
        EXPECT_LE(own.size(), (count + parts - 1) / parts);
      }
      EXPECT_EQ(next, count);
    }
}

}  // namespace
}  // namespace annmpi::data
