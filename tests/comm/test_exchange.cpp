#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/comm/exchange.hpp"

namespace annmpi::comm {
namespace {

class ExchangeOnRanks : public testing::Test {
 protected:
  Communicator world{MPI_COMM_WORLD};
  PhaseTimes times;
  Exchange exchange{world, times};
  std::size_t ranks = static_cast<std::size_t>(world.size());
  std::size_t rank = static_cast<std::size_t>(world.rank());
};

// Rank r has r + 1 pieces, rank 1 none.
TEST_F(ExchangeOnRanks, GathersPiecesOfUnequalNumber) {
  constexpr std::size_t piece = 12;
  std::vector<std::size_t> begins{0};
  for (std::size_t r = 0; r < ranks; ++r) begins.push_back(begins.back() + (r == 1 ? 0 : r + 1));
  std::vector<std::byte> all(begins.back() * piece);
  for (std::size_t i = begins[rank] * piece; i < begins[rank + 1] * piece; ++i)
    all[i] = static_cast<std::byte>(i % 251);
  exchange.finish(exchange.start_gather(all, piece, begins));
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], static_cast<std::byte>(i % 251));
}

TEST_F(ExchangeOnRanks, HasSeveralThingsOnTheirWay) {
  std::vector<float> floats(1000, static_cast<float>(rank + 1));
  std::vector<double> doubles(10, static_cast<double>(rank + 1));
  std::vector<std::size_t> begins;
  for (std::size_t r = 0; r <= ranks; ++r) begins.push_back(r);
  std::vector<std::byte> all(ranks);
  all[rank] = static_cast<std::byte>(rank);
  const auto first = exchange.start_sum(std::span(floats));
  const auto second = exchange.start_gather(all, 1, begins);
  const auto third = exchange.start_sum(std::span(doubles));
  exchange.finish(third);
  exchange.finish(first);
  exchange.finish(second);
  const std::size_t sum = ranks * (ranks + 1) / 2;
  EXPECT_EQ(floats, std::vector<float>(1000, static_cast<float>(sum)));
  EXPECT_EQ(doubles, std::vector<double>(10, static_cast<double>(sum)));
  for (std::size_t r = 0; r < ranks; ++r) EXPECT_EQ(all[r], static_cast<std::byte>(r));
  std::vector<std::int64_t> counts{1, static_cast<std::int64_t>(rank)};
  exchange.sum(counts);
  EXPECT_EQ(counts[0], static_cast<std::int64_t>(ranks));
  EXPECT_GE(times[Phase::wait].calls, 7);
}

TEST_F(ExchangeOnRanks, TakesAFinishedTicketAgain) {
  std::vector<double> values(1, 1.0);
  const auto first = exchange.start_sum(std::span(values));
  exchange.finish(first);
  EXPECT_EQ(exchange.start_sum(std::span(values)), first);
  exchange.finish(first);
}

}  // namespace
}  // namespace annmpi::comm
