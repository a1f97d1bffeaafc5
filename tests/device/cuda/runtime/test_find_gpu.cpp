// find_gpu() with a fake CUDA runtime: usable GPUs, and the message for each unusable one.

#include <gtest/gtest.h>

#include "device/cuda/fakes/runtime.hpp"
#include "device/cuda/runtime/find_gpu.hpp"

namespace annmpi::device::cuda {
namespace {

class GpuTrouble : public ::testing::Test {
 protected:
  void SetUp() override { tests::fake_gpus = {}; }

  static void expect_none(const std::string& words, bool present = true) {
    const device::FoundGpu found = find_gpu(0);
    EXPECT_FALSE(found);
    EXPECT_EQ(found.present, present);
    EXPECT_NE(found.trouble.find(words), std::string::npos) << found.trouble;
  }
};

TEST_F(GpuTrouble, AssignsGpusToTheRanksOfAHostRoundRobin) {
  tests::fake_gpus.count = 3;
  for (int local_rank = 0; local_rank < 7; ++local_rank) {
    const device::FoundGpu found = find_gpu(local_rank);
    ASSERT_TRUE(found) << found.trouble;
    EXPECT_TRUE(found.present);
    EXPECT_EQ(found.gpu.index, local_rank % 3);
    EXPECT_EQ(tests::fake_gpus.chosen, local_rank % 3);
    EXPECT_EQ(found.gpu.identity[0], static_cast<std::byte>(local_rank % 3));
    EXPECT_EQ(found.gpu.name, "GPU of a test");
    EXPECT_EQ(found.gpu.capability_major, 9);
    EXPECT_EQ(found.gpu.capability_minor, 5);
    EXPECT_EQ(found.gpu.free_memory, 7U);
    EXPECT_EQ(found.gpu.memory, 9U);
    EXPECT_NE(found.gpu.software.find("driver for CUDA 13.1"), std::string::npos);
  }
}

TEST_F(GpuTrouble, NamesAGpuThatIsTooOld) {
  tests::fake_gpus.major = 7;
  expect_none("GPU 0 (GPU of a test) is too old (compute capability 7.5, at least 8.0 is needed)");
}

TEST_F(GpuTrouble, NamesAGpuWithTooLittleSharedMemory) {
  tests::fake_gpus.shared_bytes = 99 << 10;
  expect_none(
      "GPU 0 (GPU of a test) has too little shared memory (99 KiB per thread block, 163 are "
      "needed)");
}

TEST_F(GpuTrouble, NamesAGpuThatIsFull) {
  tests::fake_gpus.context_status = cudaErrorMemoryAllocation;
  expect_none("GPU 0 (GPU of a test) has no memory left for another process");
}

TEST_F(GpuTrouble, NamesAGpuThatIsBroken) {
  tests::fake_gpus.context_status = cudaErrorECCUncorrectable;
  expect_none("GPU 0 (GPU of a test) cannot be used (cudaErrorOfATest: an error of a test)");
}

TEST_F(GpuTrouble, DistinguishesNoGpuFromUnusableGpu) {
  ::unsetenv("CUDA_VISIBLE_DEVICES");
  tests::fake_gpus.count = 0;
  expect_none("the NVIDIA driver finds no GPU on this host", false);
}

}  // namespace
}  // namespace annmpi::device::cuda
