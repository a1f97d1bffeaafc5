#include <cuda_runtime.h>
#include <gtest/gtest.h>

// Skips tests that need a GPU if there is none, with the reason.
namespace {

class NeedsGpu : public testing::Environment {
  void SetUp() override {
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess || count == 0)
      GTEST_SKIP() << "no GPU on this host: " << cudaGetErrorString(status);
  }
};

const testing::Environment* const needs_gpu =
    testing::AddGlobalTestEnvironment(std::make_unique<NeedsGpu>().release());

}  // namespace
