#include <cmath>

#include <gtest/gtest.h>

#include "support/headers.hpp"
#include "trainer/calibration.hpp"

namespace annmpi::trainer {
namespace {

data::DealtSet dealt(std::uint64_t rows, std::uint64_t features, std::uint64_t chunk_rows,
                     std::uint64_t chunks_at_a_time = 1) {
  return {tests::header_of(rows, features, io::ElementType::uint8),
          data::Partition(rows, chunk_rows, 1), false, chunks_at_a_time};
}

TEST(Calibration, TakesWholeChunksForEachThread) {
  EXPECT_EQ(calibration_rows(dealt(100'000, 1000, 96), false, 1), 4U * 96);
  EXPECT_EQ(calibration_rows(dealt(100'000, 1000, 96), false, 8), 32U * 96);
  EXPECT_EQ(calibration_rows(dealt(100'000, 1000, 1024), false, 3), 3U * 1024);
}

TEST(Calibration, TakesManyRowsForAGpu) {
  EXPECT_EQ(calibration_rows(dealt(1'000'000, 100, 96, 85), true, 1), 8U * 85 * 96);
}

TEST(Calibration, TakesNoMoreThanThereAreOrThanMemoryHolds) {
  EXPECT_EQ(calibration_rows(dealt(230, 1000, 96), false, 8), 230U);
  EXPECT_EQ(calibration_rows(dealt(230, 1000, 96, 85), true, 8), 230U);
  EXPECT_EQ(calibration_rows(dealt(1'000'000, 4096, 96, 85), true, 1), 2U * 85 * 96);
  // At least one chunk.
  EXPECT_EQ(calibration_rows(dealt(1'000'000, 1 << 20, 1024), false, 4), 1024U);
}

TEST(Calibration, FindsASpeedWithFeaturesOfEveryType) {
  const network::Network network =
      network::make_network({20, 4, 3}, config::Activation::sigmoid, config::OutputUnit::sigmoid);
  const config::Configuration::Compute compute;
  for (const auto type :
       {io::ElementType::uint8, io::ElementType::float32, io::ElementType::float64})
    for (const bool tangent_trials : {true, false}) {
      data::DealtSet training = dealt(500, 20, 96);
      training.set.type = type;
      const data::DataSets headers{training.set, {}, {}};
      const auto device = device::make_cpu_device(
          network, [](auto) {}, device::device_options(compute, headers, 1));
      const double speed = rows_per_second(*device, network, training, 200, tangent_trials);
      EXPECT_TRUE(std::isfinite(speed));
      EXPECT_GT(speed, 0);
    }
}

}  // namespace
}  // namespace annmpi::trainer
