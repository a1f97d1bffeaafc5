#include <gtest/gtest.h>

#include "annmpi/device/machine_peak.hpp"

namespace annmpi::device {
namespace {

TEST(MachinePeak, IsMeasuredOnAnyNumberOfThreads) {
  for (const int threads : {1, 3}) {
    const MachinePeak peak = measure_machine_peak(threads);
    // Wide plausibility limits; a wrong unit would be off by 1e3 or more.
    for (const double rate : {peak.gflops64, peak.gflops32, peak.read_gbytes}) {
      EXPECT_GT(rate, 0.01) << threads;
      EXPECT_LT(rate, 10000) << threads;
    }
  }
}

}  // namespace
}  // namespace annmpi::device
