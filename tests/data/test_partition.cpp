#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/data/partition.hpp"

namespace annmpi::data {
namespace {

/// Calls check(partition, ranks) for small and large shapes, including empty sets, chunks larger
/// than the set, and more ranks than chunks.
template <class Check>
void for_many_partitions(Check&& check) {
  for (const std::uint64_t rows : {0U, 1U, 2U, 95U, 96U, 97U, 500U, 2700U, 1000003U})
    for (const std::uint64_t chunk_rows : {1U, 2U, 7U, 96U, 512U, 5000U})
      for (const int ranks : {1, 2, 3, 4, 7, 64, 1000})
        check(Partition(rows, chunk_rows, ranks), ranks);
}

TEST(Partition, CoversEveryRowOnceInOrder) {
  for_many_partitions([](const Partition& partition, int ranks) {
    std::uint64_t next_row = 0;
    std::uint64_t next_chunk = 0;
    for (int rank = 0; rank < ranks; ++rank) {
      ASSERT_EQ(partition.rows_of(rank).begin, next_row);
      ASSERT_EQ(partition.chunks_of(rank).begin, next_chunk);
      next_row = partition.rows_of(rank).end;
      next_chunk = partition.chunks_of(rank).end;
    }
    ASSERT_EQ(next_row, partition.rows());
    ASSERT_EQ(next_chunk, partition.chunks());
  });
}

TEST(Partition, GivesOutWholeChunks) {
  for_many_partitions([](const Partition& partition, int ranks) {
    for (int rank = 0; rank < ranks; ++rank) {
      const Range rows = partition.rows_of(rank);
      if (rows.size() == 0) continue;
      ASSERT_EQ(rows.begin % partition.chunk_rows(), 0U);
      ASSERT_TRUE(rows.end % partition.chunk_rows() == 0 || rows.end == partition.rows());
    }
  });
}

TEST(Partition, SharesDifferByOneChunkAtMost) {
  for_many_partitions([](const Partition& partition, int ranks) {
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t most = 0;
    for (int rank = 0; rank < ranks; ++rank) {
      least = std::min(least, partition.chunks_of(rank).size());
      most = std::max(most, partition.chunks_of(rank).size());
    }
    ASSERT_LE(most - least, 1U);
  });
}

/// Rank weights in many proportions, including 0 for some ranks.
std::vector<std::vector<double>> many_shares() {
  return {{1},
          {0, 3},
          {1, 0.03},
          {0.1, 0.2, 0.7},
          {1, 1, 0, 1, 1e-9},
          {1e308, 1e308, 5e307, 1e308},
          {5e-324, 5e-324},
          {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4}};
}

TEST(Partition, DealsInProportionToShares) {
  for (const auto& shares : many_shares())
    for (const std::uint64_t rows : {0U, 1U, 95U, 96U, 97U, 2700U, 1000003U}) {
      const Partition partition(rows, 96, shares);
      const auto ranks = static_cast<int>(shares.size());
      ASSERT_EQ(partition.ranks(), ranks);
      const double largest = *std::ranges::max_element(shares);
      double sum = 0;
      for (const double share : shares) sum += share / largest;
      std::uint64_t next_row = 0;
      double busiest = 1;
      for (int rank = 0; rank < ranks; ++rank) {
        ASSERT_EQ(partition.rows_of(rank).begin, next_row);
        next_row = partition.rows_of(rank).end;
        const double share = shares[static_cast<std::size_t>(rank)] / largest;
        const double quota = static_cast<double>(partition.chunks()) * share / sum;
        const auto chunks = static_cast<double>(partition.chunks_of(rank).size());
        ASSERT_LT(std::abs(chunks - quota), 1 + 1e-9);
        if (share == 0) {
          ASSERT_EQ(chunks, 0);
        } else if (chunks > 0) {
          busiest = std::max(busiest, chunks / quota);
        }
        for (std::uint64_t row = partition.rows_of(rank).begin; row < next_row; row += 95)
          ASSERT_EQ(partition.rank_of(row), rank);
      }
      ASSERT_EQ(next_row, rows);
      ASSERT_NEAR(partition.imbalance(), busiest, 1e-12 * busiest);
    }
}

TEST(Partition, GivesChunksLeftOverToTheLargestRemainders) {
  // 10 chunks: quotas 1.5, 1.75, 6.75; among equal remainders the lowest rank comes first.
  const Partition partition(960, 96, std::vector<double>{1.5, 1.75, 6.75});
  EXPECT_EQ(partition.chunks_of(0), (Range{0, 1}));
  EXPECT_EQ(partition.chunks_of(1), (Range{1, 3}));
  EXPECT_EQ(partition.chunks_of(2), (Range{3, 10}));
  const Partition equal(960, 96, std::vector<double>{2, 2, 2, 2});
  EXPECT_EQ(equal.chunks_of(1), (Range{3, 6}));
  EXPECT_EQ(equal.chunks_of(2), (Range{6, 8}));
}

TEST(Partition, DealsByEqualSharesAsByNone) {
  for_many_partitions([](const Partition& partition, int ranks) {
    const Partition shared(partition.rows(), partition.chunk_rows(),
                           std::vector<double>(static_cast<std::size_t>(ranks), 0.3));
    for (int rank = 0; rank < ranks; ++rank)
      ASSERT_EQ(shared.chunks_of(rank), partition.chunks_of(rank));
  });
}

TEST(Partition, LeavesRanksEmptyWhereThereAreMoreThanChunks) {
  const Partition partition(10, 4, 5);  // chunks of 4, 4 and 2 rows
  EXPECT_EQ(partition.chunks(), 3U);
  EXPECT_EQ(partition.rows_of(0), (Range{0, 4}));
  EXPECT_EQ(partition.rows_of(1), (Range{4, 8}));
  EXPECT_EQ(partition.rows_of(2), (Range{8, 10}));
  EXPECT_EQ(partition.rows_of(3).size(), 0U);
  EXPECT_EQ(partition.rows_of(4).size(), 0U);
}

TEST(Partition, GivesTheFirstRanksTheChunksLeftOver) {
  const Partition galaxies(2700, 96, 4);  // 28 chunks and a last one of 12 rows
  EXPECT_EQ(galaxies.chunks(), 29U);
  EXPECT_EQ(galaxies.rows_of(0), (Range{0, 768}));
  EXPECT_EQ(galaxies.rows_of(1), (Range{768, 1440}));
  EXPECT_EQ(galaxies.rows_of(2), (Range{1440, 2112}));
  EXPECT_EQ(galaxies.rows_of(3), (Range{2112, 2700}));
}

TEST(Partition, ReportsTheImbalanceOfTheBusiestRank) {
  EXPECT_EQ(Partition(2700, 96, 1).imbalance(), 1.0);
  EXPECT_EQ(Partition(2700, 96, 4).imbalance(), 8.0 * 4 / 29);
  EXPECT_EQ(Partition(10, 4, 5).imbalance(), 5.0 / 3);
  EXPECT_EQ(Partition(960, 96, 5).imbalance(), 1.0);
  EXPECT_EQ(Partition(0, 96, 5).imbalance(), 1.0);
  for_many_partitions(
      [](const Partition& partition, int) { ASSERT_GE(partition.imbalance(), 1.0); });
}

TEST(Partition, HoldsMoreRowsThanThirtyTwoBitsCount) {
  constexpr std::uint64_t rows = (std::uint64_t{1} << 40) + 5;
  const Partition partition(rows, 96, 3);
  EXPECT_EQ(partition.rows_of(0).size() + partition.rows_of(1).size() + partition.rows_of(2).size(),
            rows);
  // The largest chunk size that the configuration allows.
  const Partition one(rows, std::numeric_limits<std::int64_t>::max(), 3);
  EXPECT_EQ(one.chunks(), 1U);
  EXPECT_EQ(one.rows_of(0), (Range{0, rows}));
  EXPECT_EQ(one.rows_of(2).size(), 0U);
}

TEST(DefaultChunkRows, GrowWithTheNetwork) {
  EXPECT_EQ(default_chunk_rows(2700, 1), 96U);
  EXPECT_EQ(default_chunk_rows(2700, 65536), 96U);
  EXPECT_EQ(default_chunk_rows(2700, 65537), 512U);
  EXPECT_EQ(default_chunk_rows(2700, 1048576), 512U);
  EXPECT_EQ(default_chunk_rows(2700, 1048577), 1024U);
  EXPECT_EQ(default_chunk_rows(2700, 1, Hardware::gpu), 8192U);
  EXPECT_EQ(default_chunk_rows(2700, 1048577, Hardware::gpu), 8192U);
  EXPECT_EQ(default_chunk_rows(4096 * 8192 + 1, 1, Hardware::gpu), 8256U);
}

TEST(DefaultChunkRows, KeepTheNumberOfChunksAtMost4096) {
  EXPECT_EQ(default_chunk_rows(4096 * 96, 8227), 96U);
  EXPECT_EQ(default_chunk_rows(4096 * 96 + 1, 8227), 192U);
  for (const std::uint64_t rows : {400'000ULL, 10'000'000ULL, 4'000'000'000ULL, 1ULL << 45})
    for (const std::uint64_t parameters : {1000ULL, 100'000ULL, 10'000'000ULL}) {
      const Partition partition = make_partition(rows, 0, parameters, 8);
      EXPECT_LE(partition.chunks(), 4096U);
      // A multiple of the 3 rows that a kernel takes at a time, unless it is a power of two.
      EXPECT_TRUE(partition.chunk_rows() % 96 == 0 || partition.chunk_rows() == 512 ||
                  partition.chunk_rows() == 1024)
          << partition.chunk_rows();
    }
}

TEST(DefaultChunkRows, GiveWayToTheConfiguration) {
  EXPECT_EQ(make_partition(2700, 0, 8227, 2).chunk_rows(), 96U);
  EXPECT_EQ(make_partition(2700, 50, 8227, 2).chunk_rows(), 50U);
}

TEST(DefaultChunkRows, DoNotDependOnTheNumberOfRanks) {
  for (const int ranks : {1, 2, 5, 5000})
    EXPECT_EQ(make_partition(1'000'000, 0, 8227, ranks).chunk_rows(),
              make_partition(1'000'000, 0, 8227, 1).chunk_rows());
}

}  // namespace
}  // namespace annmpi::data
