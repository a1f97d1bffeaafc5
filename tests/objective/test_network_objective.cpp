#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/objective/full_batch_objective.hpp"

#include "support/reference_network.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"
#include "support/world.hpp"

// Compares every result of the objective with a serial reference in long double over all rows.
// Results within one tolerance of it on 1, 2, 3 and 4 ranks are within two of each other.
namespace annmpi::objective {
namespace {

/// Sums over a hundred rows and a hundred parameters of magnitude 1: about a thousand roundings of
/// 1e-16 each. The drift of the updated Z doubles that.
constexpr double rounding = 1e-12;

using tests::world;

struct Setting {
  network::Network network =
      network::make_network({6, 5, 4, 3}, config::Activation::sigmoid, config::OutputUnit::sigmoid);
  std::uint64_t chunk_rows = 9;  // 12 chunks, the last of 1 row
  double l2 = 1.3;
  std::int64_t refresh_interval = 16;
  bool tangent_trials = true;
  bool monitored = true;
  std::function<bool()> stop_requested = [] { return false; };
};

/// The objective on all ranks, and the reference at the same theta.
class Bench {
 public:
  explicit Bench(const Setting& setting)
      : setting_(setting),
        training_(tests::random_samples(100, 6, 3, io::ElementType::uint8, 1)),
        other_(tests::random_samples(41, 6, 3, io::ElementType::uint8, 2)),
        theta_(network::initial_parameters(setting.network, 1.0, 5)),
        world_(world()),
        device_(device::make_cpu_device(setting.network, [this](auto sums) { world_.sum(sums); })),
        objective_(*device_, world_, share_of(training_),
                   setting.monitored ? std::optional(share_of(other_)) : std::nullopt, theta_,
                   {.l2 = setting.l2,
                    .refresh_interval = setting.refresh_interval,
                    .tangent_trials = setting.tangent_trials,
                    .stop_requested = setting.stop_requested},
                   times_) {}

  [[nodiscard]] FullBatchObjective& objective() { return objective_; }
  [[nodiscard]] const PhaseTimes& times() const { return times_; }
  [[nodiscard]] std::unique_ptr<Vector> zero() const { return device_->space().zero(); }
  [[nodiscard]] std::unique_ptr<Vector> vector(const std::vector<double>& values) const {
    auto made = zero();
    device_->space().upload(values, *made);
    return made;
  }
  [[nodiscard]] std::vector<double> values(const Vector& vector) const {
    std::vector<double> out(device_->space().dimension());
    device_->space().download(vector, out);
    return out;
  }
  [[nodiscard]] std::size_t parameters() const { return theta_.size(); }

  /// The reference at theta + step direction; the bench tracks theta itself.
  [[nodiscard]] tests::ReferenceCost reference(double step = 0,
                                               const std::vector<double>& direction = {}) const {
    return reference_on(training_, step, direction);
  }
  [[nodiscard]] tests::ReferenceCost monitored_reference() const {
    return reference_on(other_, 0, {});
  }

  /// Commits in the bench and in the objective.
  void commit(double step, const std::vector<double>& direction) {
    objective_.commit(step);
    for (std::size_t i = 0; i < theta_.size(); ++i) theta_[i] += step * direction[i];
  }

  void expect_measurements(const std::string& where) {
    const auto here = reference();
    EXPECT_NEAR(objective_.training().cost, static_cast<double>(here.cost), rounding) << where;
    EXPECT_EQ(objective_.training().accuracy, static_cast<double>(here.hits) / 100) << where;
    ASSERT_EQ(objective_.monitored().has_value(), setting_.monitored);
    if (!setting_.monitored) return;
    const auto there = monitored_reference();
    EXPECT_NEAR(objective_.monitored()->cost, static_cast<double>(there.cost), rounding) << where;
    EXPECT_EQ(objective_.monitored()->accuracy, static_cast<double>(there.hits) / 41) << where;
  }

  void expect_gradient(const Vector& gradient, const tests::ReferenceCost& expected) const {
    const auto given = values(gradient);
    ASSERT_EQ(given.size(), expected.gradient.size());
    for (std::size_t i = 0; i < given.size(); ++i)
      ASSERT_NEAR(given[i], static_cast<double>(expected.gradient[i]), rounding) << i;
  }

 private:
  [[nodiscard]] LoadedSet share_of(const tests::Samples& samples) const {
    const data::Partition partition(samples.rows, setting_.chunk_rows, world_.size());
    return {device_->hold(tests::shard_of(samples, partition.rows_of(world_.rank())),
                          tests::facts_of(samples, partition.chunk_rows())),
            partition, 0};
  }

  [[nodiscard]] tests::ReferenceCost reference_on(const tests::Samples& samples, double step,
                                                  const std::vector<double>& direction) const {
    tests::Reals point = tests::to_reals(theta_);
    for (std::size_t i = 0; i < direction.size(); ++i)
      point[i] += static_cast<tests::Real>(step) * direction[i];
    return tests::reference_cost(setting_.network, samples, point, setting_.l2);
  }

  Setting setting_;
  tests::Samples training_;
  tests::Samples other_;
  std::vector<double> theta_;
  comm::Communicator world_;
  std::unique_ptr<device::FullBatchDevice> device_;
  PhaseTimes times_;
  FullBatchObjective objective_;
};

/// Configurations under test: with and without hidden layers and penalty, more and fewer chunks
/// than ranks, both kinds of trials.
std::vector<Setting> settings() {
  std::vector<Setting> list(6);
  list[1].network =
      network::make_network({6, 3}, config::Activation::tanh, config::OutputUnit::softmax);
  list[2].chunk_rows = 1000;
  list[3].network =
      network::make_network({6, 4, 3}, config::Activation::tanh, config::OutputUnit::softmax);
  list[3].l2 = 0;
  list[3].chunk_rows = 50;  // two chunks: more ranks than chunks from three ranks on
  list[4].tangent_trials = false;
  list[5] = list[3];
  list[5].tangent_trials = false;
  return list;
}

std::vector<double> negative(std::vector<double> values) {
  for (double& value : values) value = -value;
  return values;
}

TEST(FullBatchObjective, EvaluatesCostAndGradientFromScratch) {
  for (const Setting& setting : settings()) {
    Bench bench(setting);
    const auto gradient = bench.zero();
    const double cost = bench.objective().evaluate(*gradient);
    EXPECT_NEAR(cost, static_cast<double>(bench.reference().cost), rounding);
    EXPECT_EQ(cost, bench.objective().training().cost);
    bench.expect_gradient(*gradient, bench.reference());
    bench.expect_measurements("at the start");
  }
}

TEST(FullBatchObjective, ProbesCostAndSlopeAlongTheLine) {
  for (const Setting& setting : settings()) {
    Bench bench(setting);
    const auto gradient = bench.zero();
    (void)bench.objective().evaluate(*gradient);
    const auto direction = negative(bench.values(*gradient));
    const auto line = bench.vector(direction);
    bench.objective().aim(*line);
    for (const double step : {0.0, 0.5, 3.0, -1.0}) {
      const Probe probe = bench.objective().probe(step);
      const auto expected = bench.reference(step, direction);
      EXPECT_NEAR(probe.cost, static_cast<double>(expected.cost), rounding) << step;
      tests::Real slope = 0;
      for (std::size_t i = 0; i < direction.size(); ++i)
        slope += expected.gradient[i] * direction[i];
      EXPECT_NEAR(probe.slope, static_cast<double>(slope), rounding) << step;
    }
  }
}

TEST(FullBatchObjective, GivesTheGradientOnTheLineAndStaysWhereItIs) {
  for (const Setting& setting : settings()) {
    Bench bench(setting);
    const auto gradient = bench.zero();
    (void)bench.objective().evaluate(*gradient);
    const auto direction = negative(bench.values(*gradient));
    const auto line = bench.vector(direction);
    bench.objective().aim(*line);
    const auto before = bench.values(bench.objective().theta());
    const Probe probe = bench.objective().probe(0.5);
    const auto there = bench.zero();
    for (const double step : {2.0, 0.5}) {
      bench.objective().gradient_at(step, *there);
      bench.expect_gradient(*there, bench.reference(step, direction));
    }
    EXPECT_EQ(bench.values(bench.objective().theta()), before);
    // A later probe returns the same bits as before.
    EXPECT_EQ(bench.objective().probe(0.5).cost, probe.cost);
    EXPECT_EQ(bench.objective().probe(0.5).slope, probe.slope);
  }
}

TEST(FullBatchObjective, CommitsToWhereAnEvaluationFromScratchWouldBe) {
  for (const Setting& setting : settings()) {
    Bench bench(setting);
    const auto gradient = bench.zero();
    (void)bench.objective().evaluate(*gradient);
    // Steps with and without a gradient computed at them, one backwards, one of length 0.
    int number = 0;
    for (const double step : {0.8, 2.0, -0.4, 0.0, 1.1}) {
      const auto direction = negative(bench.values(*gradient));
      const auto line = bench.vector(direction);
      bench.objective().aim(*line);
      (void)bench.objective().probe(2 * step);
      if (number % 2 == 0) bench.objective().gradient_at(step, *gradient);
      if (number == 4) bench.objective().gradient_at(3.0, *gradient);  // a rejected candidate
      bench.commit(step, direction);
      bench.expect_measurements("after commit " + std::to_string(++number));
    }
    const Measurement carried = bench.objective().training();
    const double cost = bench.objective().evaluate(*gradient);
    EXPECT_NEAR(cost, carried.cost, rounding);
    EXPECT_EQ(bench.objective().training().accuracy, carried.accuracy);
    bench.expect_gradient(*gradient, bench.reference());
  }
}

TEST(FullBatchObjective, RecomputesTheFirstLayerAtTheIntervalAndGoesOnAsBefore) {
  for (const std::int64_t interval : {1, 3, 16}) {
    Setting setting;
    setting.refresh_interval = interval;
    Bench bench(setting);
    const auto gradient = bench.zero();
    (void)bench.objective().evaluate(*gradient);
    const auto projections = [&] {
      return bench.times().entries()[static_cast<std::size_t>(Phase::project)].calls;
    };
    EXPECT_EQ(projections(), 1);
    for (std::int64_t number = 1; number <= 7; ++number) {
      const auto direction = negative(bench.values(*gradient));
      const auto line = bench.vector(direction);
      bench.objective().aim(*line);
      bench.objective().gradient_at(0.5, *gradient);
      bench.commit(0.5, direction);
      bench.expect_measurements("after commit " + std::to_string(number));
      EXPECT_EQ(projections(), 1 + number / interval) << "after commit " << number;
    }
  }
}

TEST(FullBatchObjective, ForgetsTheOldLineWhenAimedAlongANewOne) {
  Bench bench({});
  const auto gradient = bench.zero();
  (void)bench.objective().evaluate(*gradient);
  const auto direction = negative(bench.values(*gradient));
  const auto uphill = bench.vector(bench.values(*gradient));
  const auto downhill = bench.vector(direction);
  // The same step was measured on an abandoned line.
  bench.objective().aim(*uphill);
  bench.objective().gradient_at(0.5, *gradient);
  bench.objective().aim(*downhill);
  bench.commit(0.5, direction);
  bench.expect_measurements("on the second line");
}

TEST(FullBatchObjective, MonitorsNothingWhereThereIsNothingToMonitor) {
  Setting setting;
  setting.monitored = false;
  Bench bench(setting);
  const auto gradient = bench.zero();
  (void)bench.objective().evaluate(*gradient);
  bench.expect_measurements("at the start");
  const auto line = bench.vector(negative(bench.values(*gradient)));
  bench.objective().aim(*line);
  bench.commit(0.5, bench.values(*line));
  bench.expect_measurements("after a commit");
}

TEST(FullBatchObjective, ReturnsCostsThatAreNotFiniteAsTheyAre) {
  Bench bench({.network = network::make_network({6, 5, 3}, config::Activation::relu,
                                                config::OutputUnit::softmax)});
  const auto gradient = bench.zero();
  (void)bench.objective().evaluate(*gradient);
  const auto line = bench.vector(std::vector<double>(bench.parameters(), 1e100));
  bench.objective().aim(*line);
  EXPECT_FALSE(std::isfinite(bench.objective().probe(1e60).cost));
  // The line is still usable.
  EXPECT_NEAR(bench.objective().probe(0.0).cost, static_cast<double>(bench.reference().cost),
              rounding);
}

TEST(FullBatchObjective, TellsAllRanksThatOneOfThemAskedToStop) {
  int asked = 0;
  Setting setting;
  // The last rank requests a stop at the second point.
  setting.stop_requested = [&] { return ++asked == 2 && world().rank() == world().size() - 1; };
  Bench bench(setting);
  const auto gradient = bench.zero();
  (void)bench.objective().evaluate(*gradient);
  EXPECT_FALSE(bench.objective().stop_requested());
  const auto direction = negative(bench.values(*gradient));
  const auto line = bench.vector(direction);
  bench.objective().aim(*line);
  (void)bench.objective().probe(0.5);
  bench.commit(0.5, direction);
  EXPECT_TRUE(bench.objective().stop_requested());
  // The request does not affect the sums in the same message.
  bench.expect_measurements("where one asked to stop");
}

TEST(FullBatchObjective, GivesAllRanksTheSameNumbers) {
  Bench bench({});
  const auto gradient = bench.zero();
  const double cost = bench.objective().evaluate(*gradient);
  const auto line = bench.vector(negative(bench.values(*gradient)));
  bench.objective().aim(*line);
  const Probe probe = bench.objective().probe(0.7);
  std::vector<double> mine{cost, probe.cost, probe.slope};
  const auto elements = bench.values(*gradient);
  mine.insert(mine.end(), elements.begin(), elements.end());
  std::vector<double> of_root = mine;
  world().from_root(std::as_writable_bytes(std::span(of_root)));
  EXPECT_EQ(mine, of_root);
}

}  // namespace
}  // namespace annmpi::objective
