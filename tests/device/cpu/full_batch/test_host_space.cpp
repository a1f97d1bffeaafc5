#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/full_batch/host_space.hpp"
#include "device/cpu/gemm/dot.hpp"

namespace annmpi::device::cpu {
namespace {

std::unique_ptr<Vector> vector_of(const HostSpace& space, const std::vector<double>& values) {
  auto vector = space.zero();
  std::ranges::copy(values, elements(*vector).begin());
  return vector;
}

std::vector<double> values_of(const Vector& vector) {
  const auto values = elements(vector);
  return {values.begin(), values.end()};
}

TEST(HostSpace, MakesVectorsOfZeros) {
  const HostSpace space(5);
  EXPECT_EQ(space.dimension(), 5U);
  EXPECT_EQ(values_of(*space.zero()), std::vector<double>(5, 0.0));
}

TEST(HostSpace, CopiesAndAddsMultiples) {
  const HostSpace space(3);
  const auto x = vector_of(space, {1, 2, -4});
  const auto y = vector_of(space, {10, 20, 30});
  space.axpy(0.5, *x, *y);
  EXPECT_EQ(values_of(*y), (std::vector<double>{10.5, 21, 28}));
  space.copy(*x, *y);
  EXPECT_EQ(values_of(*y), values_of(*x));
}

TEST(HostSpace, CombinesIntoOneOfTheVectorsCombined) {
  const HostSpace space(2);
  const auto x = vector_of(space, {1, 2});
  const auto y = vector_of(space, {10, 20});
  // p = -g + beta p, as in conjugate gradients
  space.linear_combination(std::array{-1.0, 0.5}, std::array<const Vector*, 2>{x.get(), y.get()},
                           *y);
  EXPECT_EQ(values_of(*y), (std::vector<double>{4, 8}));
  space.linear_combination(std::array{2.0, 3.0, 1.0},
                           std::array<const Vector*, 3>{x.get(), x.get(), y.get()}, *x);
  EXPECT_EQ(values_of(*x), (std::vector<double>{9, 18}));
  space.linear_combination({}, {}, *x);
  EXPECT_EQ(values_of(*x), (std::vector<double>{0, 0}));
}

TEST(HostSpace, AddsTheTermsOfACombinationInTheirOrder) {
  const HostSpace space(1);
  const auto one = vector_of(space, {1});
  const auto result = space.zero();
  // 1e16 - 1e16 + 1 is 1; any other order loses the 1.
  space.linear_combination(std::array{1e16, -1e16, 1.0},
                           std::array<const Vector*, 3>{one.get(), one.get(), one.get()}, *result);
  EXPECT_EQ(values_of(*result)[0], 1.0);
}

TEST(HostSpace, ComputesEachDotAlwaysInTheSameOrder) {
  // Sizes close to multiples of the eight lanes, and a large one.
  for (const std::size_t size : {1U, 7U, 8U, 9U, 16U, 1003U}) {
    const HostSpace space(size);
    std::vector<double> a(size), b(size);
    long double exact = 0;
    for (std::size_t i = 0; i < size; ++i) {
      a[i] = std::sin(static_cast<double>(i) + 1);
      b[i] = std::cos(3 * static_cast<double>(i));
      exact += static_cast<long double>(a[i]) * b[i];
    }
    const auto x = vector_of(space, a);
    const auto y = vector_of(space, b);
    const std::array pairs{DotPair{x.get(), y.get()}, DotPair{x.get(), x.get()},
                           DotPair{y.get(), x.get()}};
    std::array<double, 3> dots{};
    space.multi_dot(pairs, dots);
    // At most `size` roundings of sums below `size`.
    const auto n = static_cast<double>(size);
    EXPECT_NEAR(dots[0], static_cast<double>(exact), n * n * 1.2e-16);
    // Products commute, and a dot has the same bits alone or together with others.
    EXPECT_EQ(dots[0], dots[2]);
    std::array<double, 1> alone{};
    space.multi_dot(std::array{pairs[1]}, alone);
    EXPECT_EQ(alone[0], dots[1]);
  }
}

TEST(HostSpace, GivesManyDotsAsItGivesEachAlone) {
  // Sizes close to the block sizes of the kernels: 4 and 64 pairs, 8 and 512 elements.
  for (const std::size_t size : {5U, 511U, 512U, 520U, 1029U}) {
    const HostSpace space(size);
    std::vector<std::unique_ptr<Vector>> vectors;
    for (std::size_t k = 0; k < 12; ++k) {
      std::vector<double> values(size);
      for (std::size_t i = 0; i < size; ++i)
        values[i] = std::sin(static_cast<double>((k + 1) * (i + 1)));
      vectors.push_back(vector_of(space, values));
    }
    std::vector<DotPair> pairs;
    for (const auto& left : vectors)
      for (const auto& right : vectors) pairs.push_back({left.get(), right.get()});
    for (const std::size_t count : {1U, 3U, 4U, 5U, 63U, 64U, 65U, 70U, 144U}) {
      std::vector<double> dots(count);
      space.multi_dot(std::span(pairs).first(count), dots);
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(dots[i],
                  kernels::fixed_order_dot(elements(*pairs[i].left), elements(*pairs[i].right)))
            << size << " elements, pair " << i << " of " << count;
    }
  }
}

TEST(HostSpace, FindsTheLargestMagnitude) {
  const HostSpace space(3);
  EXPECT_EQ(space.max_abs(*vector_of(space, {1, -7, 3})), 7.0);
  EXPECT_EQ(space.max_abs(*space.zero()), 0.0);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(space.max_abs(*vector_of(space, {1, -infinity, 3})), infinity);
}

TEST(HostSpace, FindsWhatIsNotANumberWhereverItStands) {
  const HostSpace space(3);
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t place = 0; place < 3; ++place) {
    std::vector<double> values{1, 2, 3};
    values[place] = not_a_number;
    EXPECT_TRUE(std::isnan(space.max_abs(*vector_of(space, values))));
  }
}

}  // namespace
}  // namespace annmpi::device::cpu
