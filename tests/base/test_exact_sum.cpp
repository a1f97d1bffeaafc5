#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/exact_sum.hpp"

namespace annmpi::exact_sum {
namespace {

double sum_of(const std::vector<double>& values, Split split) {
  double high = 0;
  double low = 0;
  for (const double value : values) {
    const Parts parts = parts_of(value, split);
    high += parts.high;
    low += parts.low;
  }
  return high + low;
}

/// Values of at most 1 in magnitude; some lie on the bound.
std::vector<double> random_values(std::mt19937_64& generator, std::size_t count) {
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> values(count);
  for (double& value : values) value = uniform(generator);
  for (std::size_t i = 0; i < count; i += 7) values[i] = i % 2 == 0 ? 1.0 : -1.0;
  return values;
}

constexpr std::size_t counts[] = {1, 2, 3, 43, 64, 65, 4096};

TEST(ExactSum, RoundsLogarithmsUp) {
  EXPECT_EQ(ceil_log2(1), 0);
  EXPECT_EQ(ceil_log2(1.5), 1);
  EXPECT_EQ(ceil_log2(2), 1);
  EXPECT_EQ(ceil_log2(std::nextafter(2.0, 3.0)), 2);
  EXPECT_EQ(ceil_log2(0.25), -2);
  EXPECT_EQ(ceil_log2(std::nextafter(0.25, 1.0)), -1);
}

TEST(ExactSum, DoesNotDependOnTheOrder) {
  std::mt19937_64 generator(1);
  for (const std::size_t count : counts) {
    for (const double bound : {1.0, 1.3, 1e3, 1e12, 1e18}) {
      const Split split = make_split(bound, count);
      std::vector<double> values = random_values(generator, count);
      const double whole = sum_of(values, split);
      for (int i = 0; i < 20; ++i) {
        std::ranges::shuffle(values, generator);
        ASSERT_EQ(sum_of(values, split), whole) << count << " values, bound " << bound;
      }
    }
  }
}

TEST(ExactSum, IsAsExactAsPromised) {
  std::mt19937_64 generator(2);
  for (const std::size_t count : counts) {
    const std::vector<double> values = random_values(generator, count);
    const auto n = static_cast<double>(count);
    for (const double bound : {1.0, 1e6, 1e12}) {
      long double exact = 0;
      for (const double value : values) exact += value;
      const double sum = sum_of(values, make_split(bound, count));
      // The discarded parts (N^3 B 2^-104, N and B rounded up to powers of two: at most 16 times
      // that), the rounding of the result, and that of the long double reference (64 bits).
      const double tolerance = 16 * n * n * n * bound * 0x1p-104 +
                               0x1p-53 * std::abs(static_cast<double>(exact)) + n * n * 0x1p-64;
      EXPECT_NEAR(static_cast<double>(static_cast<long double>(sum) - exact), 0.0, tolerance)
          << count << " values, bound " << bound;
    }
  }
}

TEST(ExactSum, StaysExactWhereEveryValueIsTheBound) {
  for (const std::size_t count : counts) {
    for (const double bound : {1.0, 0.7, 3e100, 1e-300}) {
      const std::vector<double> values(count, bound);
      const auto exact = static_cast<long double>(bound) * static_cast<long double>(count);
      const auto limit = static_cast<double>(exact);
      EXPECT_NEAR(sum_of(values, make_split(bound, count)), limit, 0x1p-52 * limit + 0x1p-950);
    }
  }
}

TEST(ExactSum, LosesItsOrderlinessOnlyBeyondTheBound) {
  // Negative test: a bound that is too small by 2^12 must show, or the test above proves nothing.
  std::mt19937_64 generator(3);
  const Split split = make_split(0x1p-12, 4096);
  int differences = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<double> values = random_values(generator, 4096);
    for (double& value : values) value = std::abs(value);
    const double whole = sum_of(values, split);
    std::ranges::shuffle(values, generator);
    differences += sum_of(values, split) != whole ? 1 : 0;
  }
  EXPECT_GT(differences, 0);
}

TEST(ExactSum, GivesNoNumberWhereNoneCanBeGuaranteed) {
  EXPECT_TRUE(std::isnan(sum_of({1.0}, make_split(INFINITY, 1))));
  EXPECT_TRUE(std::isnan(sum_of({1.0}, make_split(NAN, 1))));
  EXPECT_TRUE(std::isnan(sum_of({1.0}, make_split(1e300, 1 << 30))));
  EXPECT_TRUE(std::isnan(sum_of({NAN, 1.0}, make_split(1, 2))));
  EXPECT_TRUE(std::isnan(sum_of({INFINITY, -INFINITY}, make_split(1, 2))));
}

TEST(ExactSum, TakesABoundOfZero) {
  EXPECT_EQ(sum_of({0.0, 0.0}, make_split(0, 2)), 0.0);
}

}  // namespace
}  // namespace annmpi::exact_sum
