#include <cstdint>
#include <memory>

#include <gtest/gtest.h>

#include "cuda/batch/cuda_batch_device.hpp"
#include "cuda/calls.hpp"
#include "cuda/test_sums.hpp"
#include "support/batch_rows.hpp"

namespace annmpi::tests {
namespace {

/// Of three layers, as 784-512-256-10: a kernel that finds the rows, and a graph of 9. Nothing is
/// copied, and the host waits for nothing.
TEST(CallsOfBatches, AreOneKernelAndOneGraphAStep) {
  const BatchCase one{{20, 12, 9, 3}, 60};
  const BatchesOf rows(random_samples(one.rows, 20, 3, one.type, 3));
  const auto device = cuda::make_cuda_batch_device(
      one.network(), one.type, {20, rows.feature_scale(), 1},
      {.precision = model::Precision::mixed}, {}, std::make_unique<TestSums>(), "a GPU");
  device->upload(model::initial_parameters(one.network(), 0.3, 7));
  const data::BatchOrder order(one.rows, 20, 5);
  ASSERT_TRUE(device->hold_batches(order, rows.shard()));
  const auto calls_of_a_step = [&](std::uint64_t step) {
    const Calls before = calls();
    device->step(data::BatchPlace{0, step}, {.rate = 0.1});
    return calls() - before;
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

}  // namespace
}  // namespace annmpi::tests
