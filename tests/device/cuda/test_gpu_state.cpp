#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "device/cuda/collectives/staged_sums.hpp"
#include "device/cuda/full_batch/cuda_device.hpp"
#include "device/cuda/mini_batch/cuda_mini_batch_device.hpp"
#include "support/state_moves.hpp"

// Training state on GPUs, restored on other numbers of ranks and on CPUs.
namespace annmpi::tests {
namespace {

template <class Sum>
std::unique_ptr<device::FullBatchDevice> make_gpu(const RunSetting& setting, Sum sum) {
  return device::cuda::make_cuda_device(setting.network(),
                                        device::cuda::make_staged_sums(sum, "as the test wants it"),
                                        setting.options(), "a GPU");
}
template <class Sum>
std::unique_ptr<device::FullBatchDevice> make_cpu(const RunSetting& setting, Sum sum) {
  return device::make_cpu_device(setting.network(), sum, setting.options());
}

MakeDevices gpus() {
  return {[](const RunSetting& setting, const comm::Communicator& ranks) {
            return make_gpu(setting, [&ranks](auto values) { ranks.sum(values); });
          },
          [](const RunSetting& setting, const device::BatchFacts& facts,
             const comm::Communicator& ranks, RankExchange*) {
            return device::cuda::make_cuda_mini_batch_device(
                setting.network(), io::ElementType::uint8, facts, setting.options(),
                {ranks.rank(), ranks.size()},
                device::cuda::make_staged_sums([&ranks](auto values) { ranks.sum(values); },
                                               "as the test wants it"),
                "a GPU");
          }};
}

MakeDevices cpus() {
  return {[](const RunSetting& setting, const comm::Communicator& ranks) {
            return make_cpu(setting, [&ranks](auto values) { ranks.sum(values); });
          },
          [](const RunSetting& setting, const device::BatchFacts& facts, const comm::Communicator&,
             RankExchange* exchange) {
            return device::make_cpu_mini_batch_device(setting.network(), facts, setting.options(),
                                                      exchange);
          }};
}

/// GPUs on every second rank, CPUs on the others.
MakeDevices gpus_and_cpus() {
  return {[](const RunSetting& setting, const comm::Communicator& ranks) {
            const auto nothing = [](auto) {};
            return ranks.rank() % 2 == 0 ? make_gpu(setting, nothing) : make_cpu(setting, nothing);
          },
          {},
          true};
}

TEST(GpuState, ContinuesWithTheSameBitsOnOtherNumbersOfRanks) {
  for (const RunSetting& setting : run_settings()) expect_same_bits_there_and_back(setting, gpus());
}

TEST(GpuState, ContinuesWithTheSameBitsOnMixedDevices) {
  const comm::Communicator world(MPI_COMM_WORLD);
  for (const RunSetting& setting : run_settings())
    if (!setting.stochastic) expect_same_bits(setting, gpus_and_cpus(), world, world, false);
}

/// Later iterations have different bits on each device, but the state is interchangeable.
TEST(GpuState, MovesFromACpuAndBack) {
  const comm::Communicator world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  for (const RunSetting& setting : run_settings()) {
    SCOPED_TRACE(setting.name);
    const auto cpu = make_run(setting, cpus(), world);
    run_up_to(moments_of(setting).back(), *cpu);
    const SavedState saved = cpu->gathered();
    const SavedState of_gpu = restored_run(setting, gpus(), alone, saved)->gathered();
    const SavedState back = restored_run(setting, cpus(), world, of_gpu)->gathered();
    for (const SavedState* other : {&of_gpu, &back}) {
      EXPECT_EQ(other->scalars, saved.scalars);
      EXPECT_EQ(other->counters, saved.counters);
      EXPECT_EQ(other->arrays, saved.arrays);
    }
  }
}

}  // namespace
}  // namespace annmpi::tests
