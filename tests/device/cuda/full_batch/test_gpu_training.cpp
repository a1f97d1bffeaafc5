#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/objective/full_batch_objective.hpp"

#include "device/cuda/collectives/staged_sums.hpp"
#include "device/cuda/full_batch/cuda_device.hpp"
#include "optimizer/conjugate_gradient.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"

// Training iterations on the ranks' GPUs, compared with the CPU and with one rank with all rows.
namespace annmpi::tests {
namespace {

using config::Precision;

struct Setting {
  network::Network network;
  io::ElementType type = io::ElementType::uint8;
  Precision precision = Precision::float64;
  bool tangent_trials = true;
};

using MakeDevice = std::function<std::unique_ptr<device::FullBatchDevice>(
    const network::Network&, const comm::Communicator&, const Setting&)>;

std::unique_ptr<device::FullBatchDevice> make_gpu(const network::Network& network,
                                                  const comm::Communicator& communicator,
                                                  const Setting& setting) {
  return device::cuda::make_cuda_device(
      network,
      device::cuda::make_staged_sums([&communicator](auto values) { communicator.sum(values); },
                                     "as the test wants it"),
      {.precision = setting.precision,
       .bytes = setting.type == io::ElementType::uint8,
       .training_rows = 150},
      "a GPU");
}
std::unique_ptr<device::FullBatchDevice> make_cpu(const network::Network& network,
                                                  const comm::Communicator& communicator,
                                                  const Setting&) {
  return device::make_cpu_device(network,
                                 [&communicator](auto values) { communicator.sum(values); });
}

struct Course {
  std::vector<double> costs;
  std::vector<double> monitored;
  std::vector<double> theta;
};

/// Conjugate-gradient iterations on the ranks of a communicator.
Course train(const Setting& setting, const comm::Communicator& communicator, const MakeDevice& make,
             int iterations) {
  const auto device = make(setting.network, communicator, setting);
  const auto share_of = [&](std::uint64_t rows, unsigned seed) {
    const auto samples = random_samples(rows, 20, 3, setting.type, seed);
    const data::Partition partition(rows, 16, communicator.size());
    return objective::LoadedSet{
        device->hold(shard_of(samples, partition.rows_of(communicator.rank())),
                     facts_of(samples, 16)),
        partition, 0};
  };
  PhaseTimes times;
  objective::FullBatchObjective objective(
      *device, communicator, share_of(150, 1), share_of(40, 2),
      network::initial_parameters(setting.network, 0.3, 917),
      {.l2 = 0.1, .refresh_interval = 4, .tangent_trials = setting.tangent_trials}, times);
  ConjugateGradient method(objective, communicator.decide(), {});
  Course course;
  course.costs.push_back(method.start().cost);
  for (int i = 0; i < iterations; ++i) {
    course.costs.push_back(method.iterate().cost);
    course.monitored.push_back(objective.monitored()->cost);
  }
  course.theta.resize(setting.network.parameters());
  device->space().download(objective.theta(), course.theta);
  return course;
}

std::vector<Setting> settings() {
  using config::Activation, config::OutputUnit;
  const auto narrow = network::make_network({20, 6, 3}, Activation::sigmoid, OutputUnit::sigmoid);
  const auto wide = network::make_network({20, 9, 100, 3}, Activation::tanh, OutputUnit::softmax);
  const auto converted = network::make_network({20, 70, 3}, Activation::tanh, OutputUnit::softmax);
  return {{narrow},
          {.network = narrow, .tangent_trials = false},
          {.network = wide},
          {.network = narrow, .type = io::ElementType::float32},
          {.network = narrow, .type = io::ElementType::float64, .precision = Precision::mixed},
          {.network = converted, .type = io::ElementType::float32, .precision = Precision::mixed}};
}

TEST(GpuTraining, FollowsTheCpu) {
  const comm::Communicator world(MPI_COMM_WORLD);
  for (const Setting& setting : settings()) {
    const Course gpu = train(setting, world, make_gpu, 4);
    const Course cpu = train(setting, world, make_cpu, 4);
    // Rounding differences of the first steps grow by a factor per step.
    const double accuracy = setting.precision == Precision::mixed ? 1e-4 : 1e-9;
    for (std::size_t i = 0; i < cpu.costs.size(); ++i)
      EXPECT_NEAR(gpu.costs[i], cpu.costs[i], accuracy * cpu.costs[i]) << "iteration " << i;
    for (std::size_t i = 0; i < cpu.monitored.size(); ++i)
      EXPECT_NEAR(gpu.monitored[i], cpu.monitored[i], accuracy * cpu.monitored[i])
          << "iteration " << i;
    for (std::size_t i = 1; i < gpu.costs.size(); ++i) EXPECT_LT(gpu.costs[i], gpu.costs[i - 1]);
  }
}

TEST(GpuTraining, GivesTheBitsOfOneRank) {
  const comm::Communicator world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  for (const Setting& setting : settings()) {
    const Course together = train(setting, world, make_gpu, 4);
    const Course one = train(setting, alone, make_gpu, 4);
    EXPECT_EQ(together.costs, one.costs);
    EXPECT_EQ(together.monitored, one.monitored);
    for (std::size_t i = 0; i < one.theta.size(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(together.theta[i]),
                std::bit_cast<std::uint64_t>(one.theta[i]))
          << i;
  }
}

}  // namespace
}  // namespace annmpi::tests
