#include <numeric>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "device/cuda/runtime/instructions.cuh"

// The emulation itself, on which the other tests rely.
namespace annmpi::device::cuda {
namespace {

template <class... Parameters, class... Arguments>
cudaError_t run(unsigned blocks, unsigned threads, std::size_t shared,
                void (*kernel)(Parameters...), Arguments... arguments) {
  const cudaLaunchConfig_t config{{blocks}, {threads}, shared, nullptr, nullptr, 0};
  return cudaLaunchKernelEx(&config, kernel, arguments...);
}

__global__ void sum_block(const int* numbers, int* sums) {
  int* const shared = shared_memory<int>();
  shared[threadIdx.x] = numbers[blockIdx.x * blockDim.x + threadIdx.x];
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
  }
  if (threadIdx.x == 0) atomicAdd(sums + blockIdx.x, shared[0]);
}

TEST(Emulation, SynchronizesTheThreadsOfABlock) {
  std::vector<int> numbers(3 * 256), sums(3);
  std::iota(numbers.begin(), numbers.end(), 0);
  ASSERT_EQ(run(3, 256, 256 * sizeof(int), sum_block, numbers.data(), sums.data()), cudaSuccess);
  for (int block = 0; block < 3; ++block)
    EXPECT_EQ(sums[static_cast<std::size_t>(block)], 256 * 255 / 2 + 256 * 256 * block);
}

__global__ void sum_warp(int* out) {
  int value = static_cast<int>(threadIdx.x);
  for (int distance = 16; distance > 0; distance /= 2)
    value += __shfl_xor_sync(0xffffffffU, value, distance);
  out[threadIdx.x] = value;
}

TEST(Emulation, LetsTheLanesOfAWarpExchangeValues) {
  std::vector<int> out(64);
  ASSERT_EQ(run(1, 64, 0, sum_warp, out.data()), cudaSuccess);
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(out[i], 496 + (i < 32 ? 0 : 1024));
}

__global__ void copy_and_use(const uint4* from, int* missing, bool waits) {
  uint4* const shared = shared_memory<uint4>();
  shared[threadIdx.x] = {};
  copy_async(shared + threadIdx.x, from + threadIdx.x, 16);
  commit_copies();
  if (waits) wait_for_copies<0>();
  if (shared[threadIdx.x].x != from[threadIdx.x].x) atomicAdd(missing, 1);
  wait_for_copies<0>();
}

TEST(Emulation, CompletesCopiesOnlyWhenWaitedFor) {
  const std::vector<uint4> from(32, uint4{7, 7, 7, 7});
  for (const bool waits : {true, false}) {
    int missing = 0;
    ASSERT_EQ(run(1, 32, 512, copy_and_use, from.data(), &missing, waits), cudaSuccess);
    EXPECT_EQ(missing, waits ? 0 : 32);
  }
}

__global__ void wait_for_half() {
  if (threadIdx.x < 32) __syncthreads();
}
__global__ void part_in_a_warp() {
  if (threadIdx.x < 16)
    __syncwarp();
  else
    __shfl_xor_sync(0xffffffffU, 1, 1);
}

TEST(Emulation, ReportsDeadlocksAndInvalidLaunches) {
  EXPECT_THROW((void)run(1, 64, 0, wait_for_half), std::runtime_error);
  EXPECT_THROW((void)run(1, 32, 0, part_in_a_warp), std::runtime_error);
  int out = 0;
  EXPECT_NE(run(0, 32, 0, sum_warp, &out), cudaSuccess);
  EXPECT_NE(run(1, 2048, 0, sum_warp, &out), cudaSuccess);
  EXPECT_NE(run(1, 32, 60 << 10, sum_warp, &out), cudaSuccess);
}

/// A [16, 32], B [32, 8] and C [16, 8] of one warp, as fragments.
__global__ void multiply(const std::uint8_t* A, const std::int8_t* B, int* C) {
  const unsigned g = threadIdx.x / 4, t = threadIdx.x % 4;
  unsigned a[4] = {}, b[2] = {};
  for (unsigned i = 0; i < 4; ++i) {
    for (unsigned x = 0; x < 4; ++x)
      a[x] |= unsigned{A[(g + x % 2 * 8) * 32 + x / 2 * 16 + t * 4 + i]} << 8 * i;
    for (unsigned x = 0; x < 2; ++x)
      b[x] |= unsigned{static_cast<std::uint8_t>(B[(x * 16 + t * 4 + i) * 8 + g])} << 8 * i;
  }
  int c[4] = {1, 1, 1, 1};
  mma_u8s8(c, a, b);
  for (unsigned x = 0; x < 4; ++x) C[(g + x / 2 * 8) * 8 + 2 * t + x % 2] = c[x];
}

TEST(Emulation, MultipliesMatricesOfBytes) {
  std::vector<std::uint8_t> A(16 * 32);
  std::vector<std::int8_t> B(32 * 8);
  std::vector<int> C(16 * 8);
  for (std::size_t i = 0; i < A.size(); ++i) A[i] = static_cast<std::uint8_t>(37 * i + 11);
  for (std::size_t i = 0; i < B.size(); ++i) B[i] = static_cast<std::int8_t>(91 * i + 5);
  ASSERT_EQ(run(1, 32, 0, multiply, A.data(), B.data(), C.data()), cudaSuccess);
  for (std::size_t row = 0; row < 16; ++row)
    for (std::size_t column = 0; column < 8; ++column) {
      int sum = 1;
      for (std::size_t k = 0; k < 32; ++k) sum += A[row * 32 + k] * B[k * 8 + column];
      EXPECT_EQ(C[row * 8 + column], sum);
    }
}

}  // namespace
}  // namespace annmpi::device::cuda
