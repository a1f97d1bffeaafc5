#include <array>
#include <cstdint>
#include <memory>

#include <gtest/gtest.h>

#include "device/cuda/calls.hpp"
#include "device/cuda/mini_batch/cuda_mini_batch_device.hpp"
#include "device/cuda/test_sums.hpp"
#include "support/batch_rows.hpp"

namespace annmpi::tests {
namespace {

struct Steps {
  BatchCase one{{20, 12, 9, 3}, 60};
  BatchesOf rows{random_samples(one.rows, 20, 3, one.type, 3)};
  data::BatchOrder order{one.rows, 20, 5};
  std::unique_ptr<device::MiniBatchDevice> device = device::cuda::make_cuda_mini_batch_device(
      one.network(), one.type, {20, rows.feature_scale()}, {.precision = config::Precision::mixed},
      {}, std::make_unique<TestSums>(), "a GPU");
  ParameterUpdate update{.rate = 0.1};

  Steps() { set_parameters(*device, network::initial_parameters(one.network(), 0.3, 7)); }
};

Calls calls_of(auto&& work) {
  const Calls before = calls();
  work();
  return calls() - before;
}

/// Three layers, like 784-512-256-10: a kernel that reads the rows, and a graph of 9 kernels. No
/// copy, and no synchronization of the host.
TEST(CallsOfBatches, AreOneKernelAndOneGraphPerStep) {
  Steps steps;
  const auto training = steps.rows.held_by(*steps.device);
  ASSERT_TRUE(steps.device->draw_batches_from(*training, steps.order));
  const auto calls_of_a_step = [&](std::uint64_t step) {
    return calls_of([&] { steps.device->step(data::BatchPlace{0, step}, steps.update); });
  };
  EXPECT_EQ(calls_of_a_step(0).launches, 10);
  (void)calls_of_a_step(1);
  const Calls replayed = calls_of_a_step(2);
  EXPECT_EQ(replayed.launches, 1);
  EXPECT_EQ(replayed.graphs, 1);
  EXPECT_EQ(replayed.waits, 0);
  EXPECT_EQ(replayed.memsets, 0);
  for (const std::int64_t copies : replayed.copies) EXPECT_EQ(copies, 0);
}

/// Additionally one copy of the batch, 20 rows of 32 bytes and 8 for each label. The host waits
/// once, for the copy of the batch before last.
TEST(CallsOfBatches, AreOneMoreCopyForStagedRows) {
  Steps steps;
  const auto calls_of_a_step = [&](std::uint64_t step) {
    const data::Batch rows = steps.rows.at(steps.order, {step / 3, step % 3});
    return calls_of([&] { steps.device->step(rows, steps.update); });
  };
  for (std::uint64_t step = 0; step < 3; ++step) (void)calls_of_a_step(step);
  for (std::uint64_t step = 3; step < 7; ++step) {
    const Calls replayed = calls_of_a_step(step);
    EXPECT_EQ(replayed.launches, 1);
    EXPECT_EQ(replayed.graphs, 1);
    EXPECT_EQ(replayed.waits, 1);
    EXPECT_EQ(replayed.memsets, 0);
    EXPECT_EQ(replayed.copies, (std::array<std::int64_t, 3>{1, 0, 0}));
    EXPECT_EQ(replayed.bytes[0], 20U * (32 + 8));
  }
}

}  // namespace
}  // namespace annmpi::tests
