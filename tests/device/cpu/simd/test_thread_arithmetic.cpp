#include <cfenv>
#include <string>

#include <gtest/gtest.h>
#include <omp.h>

#include "annmpi/base/error.hpp"
#include "annmpi/device/device.hpp"

#include "device/cpu/simd/thread_arithmetic.hpp"

namespace annmpi::tests {
namespace {

constexpr int threads = 3;

/// The message that `work` throws if only the last OpenMP thread rounds upwards.
template <class Work>
std::string complaint_with_a_bad_thread(Work&& work) {
#pragma omp parallel num_threads(threads)
  if (omp_get_thread_num() == threads - 1) std::fesetround(FE_UPWARD);
  std::string message;
  try {
    work();
  } catch (const Error& error) {
    message = error.what();
  }
#pragma omp parallel num_threads(threads)
  if (omp_get_thread_num() == threads - 1) std::fesetround(FE_TONEAREST);
  return message;
}

TEST(ThreadArithmetic, IsSound) {
  EXPECT_NO_THROW(device::cpu::require_sound_arithmetic_on(threads));
}

TEST(ThreadArithmetic, AThreadThatRoundsOtherwiseIsNamed) {
  const std::string message =
      complaint_with_a_bad_thread([] { device::cpu::require_sound_arithmetic_on(threads); });
  EXPECT_NE(message.find("on OpenMP thread 2: numbers are not rounded to nearest"),
            std::string::npos)
      << message;
}

TEST(ThreadArithmetic, ADeviceIsNotMadeOfSuchThreads) {
  const std::string message = complaint_with_a_bad_thread([] {
    const auto device = device::make_cpu_device(
        network::make_network({4, 2, 2}, config::Activation::sigmoid, config::OutputUnit::sigmoid),
        [](auto) {}, {.threads = threads});
  });
  EXPECT_NE(message.find("on OpenMP thread 2"), std::string::npos) << message;
}

}  // namespace
}  // namespace annmpi::tests
