#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/objective/full_batch_objective.hpp"

#include "support/allocation_count.hpp"
#include "support/samples.hpp"

namespace annmpi::objective {
namespace {

struct Training {
  const char* what;
  std::vector<std::int64_t> sizes;
  io::ElementType type = io::ElementType::uint8;
  device::DeviceOptions options{};
  bool tangent_trials = true;
};

TEST(Allocations, AreNotMadeInAnIteration) {
  const std::vector<Training> settings{
      {"narrow", {20, 6, 3}},
      {"narrow, mixed",
       {20, 6, 3},
       io::ElementType::uint8,
       {.precision = config::Precision::mixed}},
      {"narrow, floats, plain sums",
       {20, 6, 3},
       io::ElementType::float32,
       {.deterministic = false}},
      {"wide and deep", {20, 300, 40, 3}},
      {"wide, mixed",
       {20, 300, 3},
       io::ElementType::float64,
       {.precision = config::Precision::mixed}},
      {"trials by gradient", {20, 6, 30, 3}, io::ElementType::uint8, {}, false}};
  const comm::Communicator world(MPI_COMM_WORLD);
  for (const Training& setting : settings) {
    const network::Network network =
        network::make_network(setting.sizes, config::Activation::relu, config::OutputUnit::softmax);
    const auto device = device::make_cpu_device(
        network, [&](auto sums) { world.sum(sums); }, setting.options);
    const auto set = [&](std::uint32_t seed) {
      const tests::Samples samples = tests::random_samples(100, 20, 3, setting.type, seed);
      const data::Partition partition(samples.rows, 16, world.size());
      const data::SetFacts facts{16, partition.chunks(), 255};
      return LoadedSet{
          device->hold(tests::shard_of(samples, partition.rows_of(world.rank())), facts), partition,
          0};
    };
    PhaseTimes times;
    FullBatchObjective objective(
        *device, world, set(1), set(2), network::initial_parameters(network, 0.3, 1),
        {.refresh_interval = 2, .tangent_trials = setting.tangent_trials}, times);
    const auto gradient = objective.space().zero();
    const auto direction = objective.space().zero();
    (void)objective.evaluate(*gradient);
    const auto iterate = [&] {
      const std::array<double, 1> minus{-0.01};
      const std::array<const Vector*, 1> from{gradient.get()};
      objective.space().linear_combination(minus, from, *direction);
      objective.aim(*direction);
      (void)objective.probe(0.5);
      (void)objective.probe(1.0);
      objective.gradient_at(0.7, *gradient);
      objective.commit(0.7);
    };
    iterate();  // allocations on first use
    const std::size_t before = tests::allocations();
    ASSERT_GT(before, 0U);                  // the counter works
    for (int i = 0; i < 3; ++i) iterate();  // with a refresh and without
    EXPECT_EQ(tests::allocations() - before, 0U) << setting.what;
  }
}

}  // namespace
}  // namespace annmpi::objective
