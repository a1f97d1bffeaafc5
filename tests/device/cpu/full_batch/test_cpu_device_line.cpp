#include <vector>

#include <gtest/gtest.h>

#include "annmpi/device/device.hpp"

#include "device/cpu/full_batch/cpu_bench.hpp"
#include "support/samples.hpp"

// The CPU device along a search line: trials, slopes, carried and kept values.
namespace annmpi::device {
namespace {

using tests::all_cases;
using tests::Case;
using tests::CpuBench;
using tests::difference_step;
using tests::difference_tolerance;
using tests::random_vector;
using tests::rows;

TEST(CpuDeviceOnALine, ProbesTheLossThatItMeasures) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    CpuBench bench(made_of);
    const auto theta = random_vector(made_of.network.parameters(), 5);
    const auto direction = random_vector(made_of.network.parameters(), 6);
    const auto point = bench.vector(theta);
    const auto line = bench.vector(direction);
    bench.device().project(bench.shard(), *point);
    bench.device().aim(bench.shard(), *line);
    for (const double step : {0.0, 0.3, -1.5, 4.0}) {
      const Point at{*point, line.get(), step};
      const double probed = bench.device().probe(bench.shard(), at).loss.value();
      // The same operations on the same values: equal bits.
      EXPECT_EQ(probed, bench.device().measure(bench.shard(), at).loss.value());
      // Equal up to rounding to a pass over the features at the moved theta.
      auto moved = theta;
      for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * direction[i];
      CpuBench fresh(made_of);
      EXPECT_NEAR(probed, fresh.measure(moved).loss.value(), 1e-13 * (1 + probed));
    }
  }
}

TEST(CpuDeviceOnALine, ProbesTheSlopeThatDifferencesOfTheLossShow) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    CpuBench bench(made_of);
    const auto point = bench.vector(random_vector(made_of.network.parameters(), 7));
    const auto line = bench.vector(random_vector(made_of.network.parameters(), 8));
    bench.device().project(bench.shard(), *point);
    bench.device().aim(bench.shard(), *line);
    const auto probe = [&](double step) {
      return bench.device().probe(bench.shard(), {*point, line.get(), step});
    };
    for (const double step : {0.0, 0.2, -0.7}) {
      const LossAndSlope here = probe(step);
      const double difference = (probe(step + difference_step).loss.value() -
                                 probe(step - difference_step).loss.value()) /
                                (2 * difference_step);
      // A direction changes all parameters, and the loss is a sum over 37 rows.
      EXPECT_NEAR(here.slope.value(), difference, difference_tolerance(here.loss.value(), 37 * 20))
          << step;
    }
  }
}

TEST(CpuDeviceOnALine, SlopesAlongTheLineAsTheGradientDoes) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    CpuBench bench(made_of);
    const auto direction = random_vector(made_of.network.parameters(), 8);
    const auto point = bench.vector(random_vector(made_of.network.parameters(), 7));
    const auto line = bench.vector(direction);
    const auto gradient = bench.device().space().zero();
    bench.device().project(bench.shard(), *point);
    bench.device().aim(bench.shard(), *line);
    for (const double step : {0.0, 0.7}) {
      const Point at{*point, line.get(), step};
      (void)bench.device().sum_gradient(bench.shard(), at);
      bench.device().finish_gradient(at, 1, 0, *gradient);
      double dot = 0;
      const auto g = bench.values(*gradient);
      for (std::size_t i = 0; i < g.size(); ++i) dot += g[i] * direction[i];
      // Two orders of the same sum of some thousand products of about 1.
      EXPECT_NEAR(bench.device().probe(bench.shard(), at).slope.value(), dot, 1e-12);
    }
  }
}

TEST(CpuDeviceOnALine, CarriesItsPreActivationsToWhereAProjectionLeads) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    const auto theta = random_vector(made_of.network.parameters(), 9);
    const auto direction = random_vector(made_of.network.parameters(), 10);
    CpuBench carried(made_of);
    const auto line = carried.vector(direction);
    const auto there = carried.vector(theta);
    carried.device().project(carried.shard(), *there);
    carried.device().aim(carried.shard(), *line);
    carried.device().move(0.75, *line, *there, std::array{&carried.shard()});

    auto moved = theta;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += 0.75 * direction[i];
    EXPECT_EQ(carried.values(*there), moved);
    std::vector<double> from_carried(rows * 3), from_features(rows * 3);
    carried.device().logits(carried.shard(), {*there}, from_carried);
    CpuBench fresh(made_of);
    fresh.device().project(fresh.shard(), *there);
    fresh.device().logits(fresh.shard(), {*there}, from_features);
    // Logits up to about 20, after a few roundings.
    for (std::size_t i = 0; i < from_carried.size(); ++i)
      ASSERT_NEAR(from_carried[i], from_features[i], 1e-13);
    // A probe at step 0 gives the loss at the point itself.
    fresh.device().aim(fresh.shard(), *line);
    EXPECT_NEAR(carried.device().probe(carried.shard(), {*there, line.get(), 0}).slope.value(),
                fresh.device().probe(fresh.shard(), {*there, line.get(), 0}).slope.value(), 1e-11);
  }
}

/// The values that a probe keeps for the gradient have the bits that the gradient would compute,
/// and values of another step or line are not used.
TEST(CpuDeviceOnALine, GivesTheSameGradientAfterAProbeAtThePoint) {
  for (const Case& made_of : all_cases()) {
    SCOPED_TRACE(made_of.name());
    CpuBench bench(made_of);
    FullBatchDevice& device = bench.device();
    const auto theta = bench.vector(random_vector(made_of.network.parameters(), 21));
    const auto line = bench.vector(random_vector(made_of.network.parameters(), 22));
    const auto other_line = bench.vector(random_vector(made_of.network.parameters(), 23));
    const auto gradient_at = [&](const Point& point) {
      const LossAndHits sums = device.sum_gradient(bench.shard(), point);
      const auto gradient = device.space().zero();
      device.finish_gradient(point, 1, 0, *gradient);
      auto all = bench.values(*gradient);
      all.push_back(sums.loss.value());
      all.push_back(static_cast<double>(sums.hits));
      return all;
    };
    device.project(bench.shard(), *theta);
    device.aim(bench.shard(), *line);
    const Point near{*theta, line.get(), 0.25}, far{*theta, line.get(), 0.75}, start{*theta};
    const auto at_near = gradient_at(near), at_far = gradient_at(far),
               at_start = gradient_at(start);
    (void)device.probe(bench.shard(), far);
    (void)device.probe(bench.shard(), near);
    EXPECT_EQ(gradient_at(near), at_near);
    EXPECT_EQ(gradient_at(near), at_near);
    EXPECT_EQ(gradient_at(far), at_far);
    EXPECT_EQ(gradient_at(start), at_start);
    (void)device.measure(bench.shard(), far);
    EXPECT_EQ(gradient_at(near), at_near);

    device.aim(bench.shard(), *other_line);
    const Point elsewhere{*theta, other_line.get(), 0.25};
    const auto expected = gradient_at(elsewhere);
    EXPECT_NE(expected, at_near);
    (void)device.probe(bench.shard(), elsewhere);
    EXPECT_EQ(gradient_at(elsewhere), expected);
    const auto moved = bench.vector(random_vector(made_of.network.parameters(), 21));
    device.move(0.5, *other_line, *moved, std::array{&bench.shard()});
    EXPECT_NE(gradient_at(elsewhere), expected);
  }
}

}  // namespace
}  // namespace annmpi::device
