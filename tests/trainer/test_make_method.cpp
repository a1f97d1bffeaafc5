#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/objective/full_batch_objective.hpp"

#include "support/allocation_count.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"
#include "trainer/make_method.hpp"

namespace annmpi::trainer {
namespace {

using config::OptimizerKind;

TEST(TrialsByTangent, DependOnTheMethodAndOnTheShareOfTheUpperLayers) {
  struct Case {
    std::vector<std::int64_t> sizes;
    bool of_cg, of_lbfgs;
  };
  for (const Case& one : {Case{{1024, 8, 3}, true, true},  // 24 products against 8192
                          Case{{784, 128, 10}, true, false}, Case{{32, 64, 64, 10}, false, false},
                          Case{{600, 10, 6}, true, false},  // 60 against 1 % of 6000
                          Case{{601, 10, 6}, true, true}}) {
    const auto network =
        network::make_network(one.sizes, config::Activation::relu, config::OutputUnit::softmax);
    EXPECT_EQ(trials_by_tangent(OptimizerKind::cg, network), one.of_cg) << describe(network);
    EXPECT_EQ(trials_by_tangent(OptimizerKind::lbfgs, network), one.of_lbfgs) << describe(network);
  }
}

TEST(MakeMethod, MakesMethodsThatAllocateNothingInAnIteration) {
  const comm::Communicator world(MPI_COMM_WORLD);
  const auto network =
      network::make_network({6, 9, 4, 3}, config::Activation::tanh, config::OutputUnit::softmax);
  for (const OptimizerKind kind : {OptimizerKind::cg, OptimizerKind::lbfgs}) {
    const auto device = device::make_cpu_device(network, [&](auto values) { world.sum(values); });
    const auto samples = tests::random_samples(60, 6, 3, io::ElementType::uint8, 1);
    const data::Partition partition(60, 10, world.size());
    objective::LoadedSet set{device->hold(tests::shard_of(samples, partition.rows_of(world.rank())),
                                          tests::facts_of(samples, 10)),
                             partition, 0};
    PhaseTimes times;
    objective::FullBatchObjective objective(
        *device, world, std::move(set), std::nullopt, network::initial_parameters(network, 0.5, 1),
        {.l2 = 0.1, .refresh_interval = 2, .tangent_trials = trials_by_tangent(kind, network)},
        times);
    config::Configuration::Optimizer optimizer;
    optimizer.kind = kind;
    optimizer.memory = 3;
    const auto method = make_method(optimizer, objective, world.decide(times));
    double cost = method->start().cost;
    for (int i = 0; i < 2; ++i) cost = method->iterate().cost;  // allocations on first use
    const std::size_t before = tests::allocations();
    ASSERT_GT(before, 0U);
    for (int i = 0; i < 6; ++i) {  // L-BFGS drops pairs meanwhile
      const Iteration iteration = method->iterate();
      EXPECT_LT(iteration.cost, cost);
      cost = iteration.cost;
    }
    EXPECT_EQ(tests::allocations() - before, 0U) << config::name_of(kind);
  }
}

}  // namespace
}  // namespace annmpi::trainer
