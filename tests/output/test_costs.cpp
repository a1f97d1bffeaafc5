#include <chrono>
#include <cstddef>
#include <thread>

#include <gtest/gtest.h>

#include "annmpi/output/summary.hpp"

#include "support/world.hpp"

namespace annmpi::output {
namespace {

using tests::world;

TEST(CollectCosts, SpreadsThePhasesOverTheRanks) {
  using namespace std::chrono_literals;
  // Rank r makes r + 1 trials of at least 5 ms.
  PhaseTimes times;
  times.measure(Phase::load, [] { std::this_thread::sleep_for(20ms); });
  for (int i = 0; i <= world().rank(); ++i)
    times.measure(Phase::trials, [] { std::this_thread::sleep_for(5ms); });
  MemoryUse memory;
  memory.note(Moment::start);
  memory.note(Moment::end);
  // Per call of trials and aim.
  objective::PhaseWork work{};
  work[static_cast<std::size_t>(Phase::trials)] = {.operations = 1e6};
  work[static_cast<std::size_t>(Phase::aim)] = {.operations = 1e6, .feature_bytes = 1e6};
  const auto ranks = static_cast<std::uint64_t>(world().rank());
  const RankCosts mine{times, memory, {100 + ranks, 10 + ranks}, work, RankPeak{100.0, 10.0}};
  const RunCosts costs = collect_costs(world(), mine, "CPU", 3);
  EXPECT_EQ(costs.ranks, world().size());
  EXPECT_EQ(costs.hosts, 1);
  EXPECT_EQ(costs.device, "CPU");
  if (!world().is_root()) return;

  ASSERT_EQ(costs.phases.size(), phase_names.size());
  const PhaseSummary& trials = costs.phases[static_cast<std::size_t>(Phase::trials)];
  EXPECT_EQ(trials.name, "trials");
  EXPECT_EQ(trials.calls, world().size());
  EXPECT_GE(trials.seconds.minimum, 0.005);
  EXPECT_GE(trials.seconds.maximum, 0.005 * world().size());
  EXPECT_LE(trials.seconds.minimum, trials.seconds.median);
  EXPECT_LE(trials.seconds.median, trials.seconds.maximum);
  EXPECT_GE(costs.loading_seconds, 0.020);
  EXPECT_EQ(costs.phases[static_cast<std::size_t>(Phase::aim)].calls, 0);
  // 1e6 operations in at least 5 ms are at most 0.2e9 per second. No rank called aim.
  ASSERT_TRUE(trials.gflops.has_value());
  EXPECT_GT(trials.gflops->minimum, 0);
  EXPECT_LE(trials.gflops->maximum, 0.2);

  EXPECT_FALSE(trials.gbytes.has_value());
  EXPECT_FALSE(costs.phases[static_cast<std::size_t>(Phase::aim)].gflops.has_value());
  ASSERT_TRUE(costs.peak.has_value());
  EXPECT_EQ(costs.peak->gflops.minimum, 100);
  EXPECT_EQ(costs.peak->gbytes.maximum, 10);
  EXPECT_EQ(costs.features_bytes.minimum, 100);
  EXPECT_EQ(costs.features_bytes.maximum, 99 + world().size());
  EXPECT_EQ(costs.cache_bytes.maximum, 9 + world().size());
  ASSERT_EQ(costs.resident.size(), 2U);
  EXPECT_EQ(costs.resident[0].name, "start");
  EXPECT_EQ(costs.resident[1].name, "end");
  EXPECT_GT(costs.resident[0].bytes.minimum, 1e6);
  EXPECT_LE(costs.resident[1].bytes.maximum, costs.peak_bytes.maximum);
  // The process takes more than a few megabytes and less than a terabyte.
  EXPECT_GT(costs.peak_bytes.minimum, 1e6);
  EXPECT_LT(costs.peak_bytes.maximum, 1e12);
  EXPECT_LE(costs.peak_bytes.minimum, costs.peak_bytes.maximum);
}

TEST(SecondsSinceProcessStart, CountOn) {
  const double before = seconds_since_process_start();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const double after = seconds_since_process_start();
  // The kernel records the start in ticks of 10 ms; both readings share it.
  EXPECT_GE(before, -0.01);
  EXPECT_GE(after - before, 0.030);
  EXPECT_LT(after, 600);  // the time limit of tests
}

}  // namespace
}  // namespace annmpi::output
