// All-reduce over the GPUs of all ranks, with a fake CUDA runtime and a fake NCCL.

#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>
#include <mpi.h>

#include "annmpi/comm/communicator.hpp"

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/fakes/runtime.hpp"
#include "support/world.hpp"

namespace annmpi::device::cuda {
namespace {

using tests::world;

enum class Gpus { one_each, shared };

class DeviceSumsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    tests::fake_gpus = {};
    nccl("");
  }

  static void nccl(const char* does) { ::setenv("FAKE_NCCL", does, 1); }

  static std::unique_ptr<DeviceSums> make(Gpus gpus) {
    device::Gpu gpu;
    gpu.identity[3] = static_cast<std::byte>(gpus == Gpus::shared ? 9 : world().rank());
    return make_device_sums(gpu, {world().rank(), world().size(), [](auto v) { world().sum(v); }});
  }

  static void expect_sums(DeviceSums& sums) {
    // A longer array after a short one, and an empty one.
    for (const std::size_t size : {3U, 1000U, 0U, 7U}) {
      std::vector<double> doubles(size, 0.5 * (world().rank() + 1));
      std::vector<std::int64_t> integers(size, -2 * (world().rank() + 1));
      sums.sum(doubles.data(), size, nullptr);
      sums.sum(integers.data(), size, nullptr);
      sums.wait(nullptr);
      const int twice = world().size() * (world().size() + 1);
      EXPECT_EQ(doubles, std::vector<double>(size, 0.25 * twice));
      EXPECT_EQ(integers, std::vector<std::int64_t>(size, -twice));
    }
  }

  static void expect_staged(Gpus gpus, const std::string& why) {
    const auto sums = make(gpus);
    if (world().size() == 1) return;
    EXPECT_EQ(sums->description().find("MPI through host memory ("), 0U) << sums->description();
    EXPECT_NE(sums->description().find(why), std::string::npos) << sums->description();
    expect_sums(*sums);
  }
};

TEST_F(DeviceSumsTest, ReturnTheInputOnOneRank) {
  if (world().size() > 1) GTEST_SKIP() << "for one rank";
  const auto sums = make(Gpus::one_each);
  EXPECT_EQ(sums->description(), "");
  expect_sums(*sums);
}

TEST_F(DeviceSumsTest, UseNcclIfEveryRankHasItsOwnGpu) {
  if (world().size() == 1) GTEST_SKIP() << "for several ranks";
  const auto sums = make(Gpus::one_each);
  EXPECT_EQ(sums->description(), "NCCL 2.19.3");
  expect_sums(*sums);
}

TEST_F(DeviceSumsTest, AreStagedIfRanksShareAGpu) {
  expect_staged(Gpus::shared, "share a GPU");
}

TEST_F(DeviceSumsTest, AreStagedIfNcclCannotConnect) {
  nccl("no id");
  expect_staged(Gpus::one_each, "no network");
  nccl("no connection");
  expect_staged(Gpus::one_each, "NCCL failed");
}

TEST_F(DeviceSumsTest, AreStagedIfNcclGivesWrongSums) {
  nccl("wrong");
  const bool last = world().rank() == world().size() - 1;
  expect_staged(Gpus::one_each, last ? "gives wrong sums" : "on another rank");
}

TEST_F(DeviceSumsTest, AbortIfARankIsGone) {
  if (world().size() == 1) GTEST_SKIP() << "for several ranks";
  const auto sums = make(Gpus::one_each);
  const Event event;
  sums->wait(event);
  nccl("gone");
  tests::fake_gpus.busy = true;
  ::unsetenv("FAKE_NCCL_LEFT");
  EXPECT_THROW(sums->wait(nullptr), std::runtime_error);
  // Otherwise kernels that wait for that rank would block the freeing of memory.
  EXPECT_NE(std::getenv("FAKE_NCCL_LEFT"), nullptr);
  double value = 1;
  EXPECT_THROW(sums->sum(&value, 1, nullptr), std::runtime_error);
  EXPECT_THROW(sums->wait(event), std::runtime_error);
}

}  // namespace
}  // namespace annmpi::device::cuda
