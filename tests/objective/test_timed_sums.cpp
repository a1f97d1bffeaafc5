#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "annmpi/objective/timed_sums.hpp"

#include "support/world.hpp"

namespace annmpi::objective {
namespace {

using tests::world;

/// A sum that the last rank enters late.
void late_sum(TimedSums& sums) {
  if (world().rank() == world().size() - 1)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::array<double, 1> one{1};
  sums.measure([&] { world().sum(one); });
  EXPECT_EQ(one[0], world().size());
}

/// max - min over the ranks
double spread(double value) {
  std::array<double, 2> ends{value, -value};
  world().max(ends);
  return ends[0] + ends[1];
}

TEST(TimedSums, TakeTheSameTimeOnAllRanksAndTheRestIsWaiting) {
  const comm::Communicator ranks = world();
  PhaseTimes times;
  TimedSums sums(ranks, times);
  constexpr int count = 700;  // more than one comparison holds
  for (int i = 0; i < count; ++i) late_sum(sums);
  const double stayed = times[Phase::reduce].seconds + times[Phase::wait].seconds;
  sums.separate_waiting();
  EXPECT_EQ(times[Phase::reduce].calls, count);
  EXPECT_EQ(times[Phase::wait].calls, ranks.size() > 1 ? count : 0);
  // Rounding of sums of several hundred times of at most a second.
  EXPECT_LE(spread(times[Phase::reduce].seconds), 1e-9);
  EXPECT_NEAR(times[Phase::reduce].seconds + times[Phase::wait].seconds, stayed, 1e-9);
  EXPECT_GT(times[Phase::reduce].seconds, 0);
  EXPECT_GE(times[Phase::wait].seconds, 0);
  // Sleeps are never shorter than requested, so some rank must have waited.
  std::array<double, 1> longest{times[Phase::wait].seconds};
  ranks.max(longest);
  EXPECT_EQ(longest[0] > 0, ranks.size() > 1);
}

TEST(TimedSums, SeparateWaitingOnlyOnce) {
  const comm::Communicator ranks = world();
  PhaseTimes times;
  TimedSums sums(ranks, times);
  late_sum(sums);
  sums.separate_waiting();
  const double waited = times[Phase::wait].seconds;
  sums.separate_waiting();
  EXPECT_EQ(times[Phase::wait].seconds, waited);
}

}  // namespace
}  // namespace annmpi::objective
