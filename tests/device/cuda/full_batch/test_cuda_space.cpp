#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/full_batch/host_space.hpp"
#include "device/cuda/device_memory.hpp"
#include "device/cuda/full_batch/cuda_space.hpp"
#include "support/layer_data.hpp"

// Vectors on a GPU, compared with vectors on the CPU.
namespace annmpi::tests {
namespace {

using device::cpu::HostSpace;
using device::cuda::CudaSpace;

/// Sizes around those of a warp and a block, and one of several blocks.
constexpr std::size_t sizes[] = {1, 31, 256, 257, 5003};

class Bench {
 public:
  explicit Bench(std::size_t size)
      : size_(size),
        flags_(stream_, [this] { device::cuda::wait_for(stream_); }),
        space_(size, stream_, flags_),
        host_(size) {}

  /// The same numbers in both spaces.
  struct Twins {
    std::unique_ptr<Vector> here, there;
  };
  [[nodiscard]] Twins vectors(const std::vector<double>& values) {
    Twins twins{host_.zero(), space_.zero()};
    std::ranges::copy(values, device::cpu::elements(*twins.here).begin());
    device::cuda::copy(values.data(), device::cuda::elements(*twins.there), size_,
                       cudaMemcpyHostToDevice, stream_);
    device::cuda::wait_for(stream_);
    return twins;
  }
  [[nodiscard]] Twins vectors(unsigned seed) { return vectors(random_numbers(size_, seed)); }

  void expect_equal(const Twins& twins) {
    const auto there = on_host(device::cuda::elements(*twins.there), size_, stream_);
    const auto here = device::cpu::elements(*twins.here);
    for (std::size_t i = 0; i < size_; ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(there[i]), std::bit_cast<std::uint64_t>(here[i])) << i;
  }

  [[nodiscard]] const CudaSpace& space() const { return space_; }
  [[nodiscard]] const HostSpace& host() const { return host_; }

 private:
  std::size_t size_;
  device::cuda::Stream stream_;
  device::cuda::CompletionFlags flags_;
  CudaSpace space_;
  HostSpace host_;
};

TEST(CudaSpace, ChangesVectorsAsTheCpuDoes) {
  for (const std::size_t size : sizes) {
    Bench bench(size);
    const auto zero = Bench::Twins{bench.host().zero(), bench.space().zero()};
    bench.expect_equal(zero);
    const auto x = bench.vectors(1), y = bench.vectors(2);
    bench.host().axpy(0.1, *x.here, *y.here);
    bench.space().axpy(0.1, *x.there, *y.there);
    bench.expect_equal(y);
    bench.host().copy(*y.here, *zero.here);
    bench.space().copy(*y.there, *zero.there);
    bench.expect_equal(zero);
  }
}

TEST(CudaSpace, CombinesAnyNumberOfVectorsAsTheCpuDoes) {
  for (const std::size_t size : sizes)
    for (const std::size_t count : {0U, 2U, 21U, 128U, 129U, 300U}) {
      Bench bench(size);
      std::vector<Bench::Twins> vectors;
      std::vector<const Vector*> here, there;
      for (unsigned k = 0; k < std::max<std::size_t>(count, 1); ++k)
        vectors.push_back(bench.vectors(k + 3));
      for (std::size_t k = 0; k < count; ++k) {
        here.push_back(vectors[k].here.get());
        there.push_back(vectors[k].there.get());
      }
      const auto coefficients = random_numbers(count, 9);
      // The result is one of the operands.
      bench.host().linear_combination(coefficients, here, *vectors[0].here);
      bench.space().linear_combination(coefficients, there, *vectors[0].there);
      bench.expect_equal(vectors[0]);
    }
}

TEST(CudaSpace, SumsEachDotInOneOrder) {
  for (const std::size_t size : sizes) {
    Bench bench(size);
    const auto x = bench.vectors(1), y = bench.vectors(2);
    std::vector<DotPair> pairs;
    for (int i = 0; i < 35; ++i) {  // more than one launch takes
      pairs.push_back({x.there.get(), y.there.get()});
      pairs.push_back({y.there.get(), y.there.get()});
    }
    std::vector<double> dots(pairs.size());
    bench.space().multi_dot(pairs, dots);
    long double exact = 0;
    for (std::size_t i = 0; i < size; ++i)
      exact += static_cast<long double>(device::cpu::elements(*x.here)[i]) *
               device::cpu::elements(*y.here)[i];
    // Sums of `size` numbers below 1 in threads, warps and blocks.
    EXPECT_NEAR(dots[0], static_cast<double>(exact), 1e-16 * static_cast<double>(size) * 50);
    for (std::size_t i = 2; i < dots.size(); ++i) EXPECT_EQ(dots[i], dots[i - 2]);
    double alone = 0;
    bench.space().multi_dot(std::array{DotPair{y.there.get(), x.there.get()}},
                            std::span(&alone, 1));
    EXPECT_EQ(alone, dots[0]);
  }
}

TEST(CudaSpace, FindsTheLargestMagnitudeAndNan) {
  for (const std::size_t size : sizes) {
    Bench bench(size);
    auto values = random_numbers(size, 4);
    values.back() = -7;
    EXPECT_EQ(bench.space().max_abs(*bench.vectors(values).there), 7.0);
    values.front() = nan;
    EXPECT_TRUE(std::isnan(bench.space().max_abs(*bench.vectors(values).there)));
    EXPECT_EQ(bench.space().max_abs(*bench.space().zero()), 0.0);
  }
}

}  // namespace
}  // namespace annmpi::tests
