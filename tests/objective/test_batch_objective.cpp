#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/comm/exchange.hpp"
#include "annmpi/objective/mini_batch_objective.hpp"

#include "support/allocation_count.hpp"
#include "support/batch_rows.hpp"
#include "support/reference_network.hpp"
#include "support/samples.hpp"

namespace annmpi::objective {
namespace {

constexpr std::uint64_t rows = 230;
constexpr std::uint64_t batch_rows =
    37;  // does not divide `rows`; not a multiple of the rank counts
constexpr double l2 = 0.7;

struct StepSetting {
  const char* what;
  ParameterUpdate update;
  device::DeviceOptions options{};
  double filled = 0.1;
};

ParameterUpdate adam() {
  return {.rule = UpdateRule::adam,
          .rate = 0.01,
          .penalty = l2 / rows,
          .constants = {.beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8}};
}

ParameterUpdate clipped_momentum() {
  return {.rate = 0.1, .penalty = l2 / rows, .clip_norm = 0.3, .constants = {.momentum = 0.9}};
}

/// Training on all ranks together, or on each rank alone.
class StepBench {
 public:
  StepBench(const StepSetting& setting, const comm::Communicator& ranks) : ranks_(ranks) {
    if (ranks.size() > 1) exchange_.emplace(ranks, times_);
    device_ = device::make_cpu_mini_batch_device(network, {batch_rows, 1.0 / 255}, setting.options,
                                                 exchange());
    const auto held = [&](const tests::Samples& samples) {
      const data::Partition partition(samples.rows, 16, ranks.size());
      return LoadedSet{device_->hold(tests::shard_of(samples, partition.rows_of(ranks.rank())),
                                     {.chunk_rows = 16, .filled = setting.filled}),
                       partition, 0};
    };
    training_ = held(tests::random_samples(rows, 40, 3, io::ElementType::uint8, 1));
    monitored_ = held(tests::random_samples(61, 40, 3, io::ElementType::uint8, 2));
    tests::set_parameters(*device_, network::initial_parameters(network, 0.3, 7));
    objective_.emplace(*device_, ranks_, exchange(), data::BatchOrder(rows, batch_rows, 5),
                       training_, &monitored_, MiniBatchObjectiveOptions{.l2 = l2}, times_);
  }

  MiniBatchObjective& objective() { return *objective_; }
  std::vector<double> theta() { return tests::parameters_of(*device_); }

  const network::Network network =
      network::make_network({40, 33, 17, 3}, config::Activation::tanh, config::OutputUnit::softmax);

 private:
  RankExchange* exchange() { return exchange_ ? &*exchange_ : nullptr; }

  const comm::Communicator& ranks_;
  PhaseTimes times_;
  std::optional<comm::Exchange> exchange_;
  std::unique_ptr<device::MiniBatchDevice> device_;
  LoadedSet training_;
  LoadedSet monitored_;
  std::optional<MiniBatchObjective> objective_;
};

void take_steps(MiniBatchObjective& objective, const ParameterUpdate& update, std::int64_t epochs) {
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch)
    for (std::int64_t step = 0; step < objective.steps_per_epoch(); ++step)
      objective.step(epoch, step, update);
}

TEST(MiniBatchObjective, HasTheSameBitsOnAnyNumberOfRanks) {
  const comm::Communicator world(MPI_COMM_WORLD);
  const comm::Communicator alone(MPI_COMM_SELF);
  const auto mixed = config::Precision::mixed;
  const std::vector<StepSetting> settings{
      {"adam, in lists", adam()},
      {"adam, in panels", adam(), {}, 1.0},
      {"clipped momentum", clipped_momentum()},
      {"adam, mixed", adam(), {.threads = 2, .precision = mixed}}};
  for (const StepSetting& setting : settings) {
    SCOPED_TRACE(setting.what);
    StepBench together(setting, world);
    StepBench apart(setting, alone);
    for (StepBench* bench : {&together, &apart}) {
      take_steps(bench->objective(), setting.update, 2);
      bench->objective().evaluate();
    }
    EXPECT_EQ(together.theta(), apart.theta());
    EXPECT_EQ(together.objective().training().cost, apart.objective().training().cost);
    EXPECT_EQ(together.objective().training().accuracy, apart.objective().training().accuracy);
    EXPECT_EQ(together.objective().monitored()->cost, apart.objective().monitored()->cost);
    EXPECT_EQ(together.objective().largest_gradient(), apart.objective().largest_gradient());
  }
}

// Plain sums over ranks round in another order: a few units in the last place per step.
TEST(MiniBatchObjective, IsCloseWithPlainSums) {
  const comm::Communicator world(MPI_COMM_WORLD);
  const comm::Communicator alone(MPI_COMM_SELF);
  for (const ParameterUpdate& update : {adam(), clipped_momentum()}) {
    const StepSetting setting{"plain", update, {.deterministic = false}};
    StepBench together(setting, world);
    StepBench apart(setting, alone);
    take_steps(together.objective(), update, 2);
    take_steps(apart.objective(), update, 2);
    together.objective().evaluate();  // checks that all parameters are equal
    const std::vector<double> found = together.theta();
    const std::vector<double> expected = apart.theta();
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-10) << i;
  }
}

TEST(MiniBatchObjective, MeasuresTheCostWithPenalty) {
  const comm::Communicator world(MPI_COMM_WORLD);
  StepBench bench({"", adam()}, world);
  const double cost = bench.objective().evaluate();
  const auto expected = tests::reference_cost(
      bench.network, tests::random_samples(rows, 40, 3, io::ElementType::uint8, 1),
      tests::to_reals(bench.theta()), l2);
  EXPECT_NEAR(cost, static_cast<double>(expected.cost), 1e-13);
  EXPECT_EQ(bench.objective().training().accuracy,
            static_cast<double>(expected.hits) / static_cast<double>(rows));
  EXPECT_FALSE(bench.objective().stop_requested());
}

TEST(MiniBatchObjective, AllocatesNothingInAStep) {
  const comm::Communicator world(MPI_COMM_WORLD);
  for (const bool deterministic : {true, false}) {
    StepBench bench({"", adam(), {.deterministic = deterministic}}, world);
    take_steps(bench.objective(), adam(), 1);
    // Pending messages allocate inside MPI, not by operator new.
    const std::size_t before = tests::allocations();
    ASSERT_GT(before, 0U);
    take_steps(bench.objective(), adam(), 2);
    EXPECT_EQ(tests::allocations() - before, 0U);
    bench.objective().evaluate();  // completes all pending messages
  }
}

}  // namespace
}  // namespace annmpi::objective
