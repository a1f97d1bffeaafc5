#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/comm/mpi_session.hpp"

#include "support/world.hpp"

namespace annmpi::comm {
namespace {

using tests::world;

/// 0 + 1 + ... + (ranks - 1)
std::int64_t sum_of_ranks() {
  const std::int64_t size = world().size();
  return size * (size - 1) / 2;
}

TEST(Communicator, KnowsItsRankAndItsRoot) {
  EXPECT_GE(world().rank(), 0);
  EXPECT_LT(world().rank(), world().size());
  EXPECT_EQ(world().is_root(), world().rank() == 0);
  std::array<std::int64_t, 2> sums{1, world().rank()};
  world().sum(sums);
  EXPECT_EQ(sums[0], world().size());
  EXPECT_EQ(sums[1], sum_of_ranks());
}

TEST(Communicator, SumsDoublesElementByElement) {
  // Quarters of small numbers: every partial sum is exact.
  std::vector<double> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = 0.25 * world().rank() + static_cast<double>(i);
  world().sum(values);
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(values[i], 0.25 * static_cast<double>(sum_of_ranks()) +
                             static_cast<double>(world().size()) * static_cast<double>(i));
}

TEST(Communicator, SumsInTheOrderOfRanksAndKeepsWhatIsLostOnTheWay) {
  const auto ranks = static_cast<std::size_t>(world().size());
  // More and fewer numbers than ranks, and none.
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, ranks, 3 * ranks + 1, 1000UL}) {
    const auto number_of = [&](std::size_t rank, std::size_t i) {
      // Plain sums lose the small numbers when the large ones cancel.
      if (i % 3 == 0) return rank == 0 ? 1e20 : rank == 1 ? 1.0 : rank == 2 ? -1e20 : 0.0;
      return std::sin(static_cast<double>(7 * i + rank + 1));
    };
    std::vector<double> values(size);
    for (std::size_t i = 0; i < size; ++i)
      values[i] = number_of(static_cast<std::size_t>(world().rank()), i);
    OrderedSum space(size, world().size());
    for (int again = 0; again < 2; ++again) {
      std::vector<double> sums = values;
      world().sum_in_order(sums, space);
      for (std::size_t i = 0; i < size; ++i) {
        long double exact = 0;
        for (std::size_t rank = 0; rank < ranks; ++rank) exact += number_of(rank, i);
        if (i % 3 == 0 && ranks > 2)
          ASSERT_EQ(sums[i], 1.0);
        else
          ASSERT_EQ(sums[i], static_cast<double>(exact)) << i;
      }
    }
  }
}

TEST(Communicator, SumsInOrderWhatIsNotANumberToWhatIsNotOne) {
  OrderedSum space(2, world().size());
  std::vector<double> values{1, world().rank() == world().size() - 1 ? std::nan("") : 1.0};
  world().sum_in_order(values, space);
  EXPECT_EQ(values[0], world().size());
  EXPECT_TRUE(std::isnan(values[1]));
}

TEST(Communicator, GivesEveryRankTheValuesOfAll) {
  struct Pair {
    std::int32_t rank;
    double half;
  };
  const auto all = world().allgather(Pair{world().rank(), 0.5 * world().rank()});
  ASSERT_EQ(all.size(), static_cast<std::size_t>(world().size()));
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    EXPECT_EQ(all[rank].rank, static_cast<std::int32_t>(rank));
    EXPECT_EQ(all[rank].half, 0.5 * static_cast<double>(rank));
  }
}

TEST(Communicator, SumsIntegersBeyondThePrecisionOfDoubles) {
  constexpr std::int64_t large = (std::int64_t{1} << 60) + 1;
  std::array<std::int64_t, 2> values{large, -large - world().rank()};
  world().sum(values);
  EXPECT_EQ(values[0], large * world().size());
  EXPECT_EQ(values[1], -large * world().size() - sum_of_ranks());
}

TEST(Communicator, SumsUnsignedIntegersModulo2To64) {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  std::array<std::uint64_t, 1> values{largest};
  world().sum(values);
  // -1 per rank
  EXPECT_EQ(values[0], std::uint64_t{0} - static_cast<std::uint64_t>(world().size()));
}

TEST(Communicator, TakesTheMaximumElementByElement) {
  std::array<std::int64_t, 3> values{world().rank(), -world().rank(), -7};
  world().max(values);
  EXPECT_EQ(values[0], world().size() - 1);
  EXPECT_EQ(values[1], 0);
  EXPECT_EQ(values[2], -7);
}

TEST(Communicator, TakesTheMinimumElementByElement) {
  std::array<double, 3> values{0.5 * world().rank(), -1.0 * world().rank(), 0.25};
  world().min(values);
  EXPECT_EQ(values[0], 0.0);
  EXPECT_EQ(values[1], 1.0 - world().size());
  EXPECT_EQ(values[2], 0.25);
}

TEST(Communicator, ReducesAndSharesNothingAtAll) {
  world().sum(std::span<double>());
  world().max(std::span<std::int64_t>());
  world().from_root(std::span<std::byte>());
  EXPECT_EQ(world().from_root(std::string()), "");
  const auto rows = world().gather({});
  EXPECT_EQ(rows.size(), world().is_root() ? static_cast<std::size_t>(world().size()) : 0);
}

TEST(Communicator, GivesTheBytesOfRank0ToAll) {
  std::array<double, 3> values{0.1 + world().rank(), 2.0 * world().rank(), -0.0};
  world().from_root(std::as_writable_bytes(std::span(values)));
  EXPECT_EQ(values[0], 0.1);
  EXPECT_EQ(values[1], 0.0);
  EXPECT_TRUE(std::signbit(values[2]));
}

TEST(Communicator, GivesTheTextOfRank0ToAllWhateverItsLength) {
  const std::string long_text(100'000, 'x');
  EXPECT_EQ(world().from_root(world().is_root() ? long_text : "short"), long_text);
  EXPECT_EQ(world().from_root(world().is_root() ? "short" : long_text), "short");
  const std::string with_zero("a\0b", 3);
  EXPECT_EQ(world().from_root(world().is_root() ? with_zero : ""), with_zero);
}

TEST(Communicator, GathersOneRowPerRankOnRank0) {
  const std::array<double, 2> mine{1.0 * world().rank(), -0.5};
  const auto rows = world().gather(mine);
  if (!world().is_root()) {
    EXPECT_TRUE(rows.empty());
    return;
  }
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(world().size()));
  for (std::size_t r = 0; r < rows.size(); ++r)
    EXPECT_EQ(rows[r], (std::vector<double>{static_cast<double>(r), -0.5}));
}

TEST(Communicator, GathersOneTextPerRankOnRank0) {
  // Of different lengths, one of them empty.
  const std::string mine(static_cast<std::size_t>(3 * world().rank()), 'x');
  const auto texts = world().gather_texts(mine);
  if (!world().is_root()) {
    EXPECT_TRUE(texts.empty());
    return;
  }
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(world().size()));
  for (std::size_t r = 0; r < texts.size(); ++r) EXPECT_EQ(texts[r], std::string(3 * r, 'x'));
}

TEST(Communicator, NumbersTheRanksOfAHost) {
  // The tests run on one machine.
  EXPECT_EQ(world().rank_on_host(), world().rank());
  EXPECT_EQ(world().ranks_on_host(), world().size());
}

TEST(Communicator, CountsHosts) {
  // The tests run on one machine.
  EXPECT_EQ(world().hosts(), 1);
  EXPECT_FALSE(host_name().empty());
}

TEST(Communicator, NamesTheMpiLibraryOnOneLine) {
  EXPECT_FALSE(mpi_version().empty());
  EXPECT_EQ(mpi_version().find_first_of("\n,"), std::string::npos) << mpi_version();
}

TEST(Decide, BooksSendingOnRank0AndWaitingOnTheOthers) {
  PhaseTimes times;
  const Decide decide = world().decide(times);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(decide([&] { return 5 + i; }), 5 + i);
  const int shared = world().size() > 1 ? 3 : 0;
  EXPECT_EQ(times[Phase::reduce].calls, world().is_root() ? shared : 0);
  EXPECT_EQ(times[Phase::wait].calls, world().is_root() ? 0 : shared);
}

TEST(Decide, GivesTheValueOfRank0ToRanksThatWouldDecideOtherwise) {
  struct Choice {
    double step;
    std::int32_t rank;
    bool accepted;
  };
  const Decide decide = world().decide();
  int asked = 0;
  const Choice choice = decide([&] {
    ++asked;
    return Choice{0.1 * (world().rank() + 1), world().rank(), world().is_root()};
  });
  EXPECT_EQ(choice.step, 0.1);
  EXPECT_EQ(choice.rank, 0);
  EXPECT_TRUE(choice.accepted);
  // Other ranks must not even compute a result.
  EXPECT_EQ(asked, world().is_root() ? 1 : 0);
}

}  // namespace
}  // namespace annmpi::comm
