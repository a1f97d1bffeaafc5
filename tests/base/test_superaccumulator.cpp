#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/superaccumulator.hpp"

namespace annmpi {
namespace {

double sum_of(const std::vector<double>& terms) {
  Superaccumulator sum;
  for (const double term : terms) sum.add(term);
  return sum.value();
}

/// A double of any exponent within `reach` of `centre`, with random bits.
double random_double(std::mt19937_64& generator, int centre, int reach) {
  std::uniform_int_distribution<int> exponent(centre - reach, centre + reach);
  const auto mantissa = static_cast<double>(static_cast<std::int64_t>(generator()));
  return std::ldexp(mantissa, exponent(generator) - 63);
}

TEST(Superaccumulator, ReturnsASingleTermUnchanged) {
  std::mt19937_64 generator(1);
  for (int i = 0; i < 100000; ++i) {
    const auto term = std::bit_cast<double>(generator());
    if (!std::isfinite(term)) continue;
    ASSERT_EQ(sum_of({term}), term);
  }
  constexpr auto least = std::numeric_limits<double>::denorm_min();
  constexpr auto most = std::numeric_limits<double>::max();
  for (const double term : {least, -least, most, -most, 0.0}) EXPECT_EQ(sum_of({term}), term);
}

TEST(Superaccumulator, IsRoundedOnce) {
  // Sums of a few terms of 40 bits within 10 binary orders fit the 64 bits of a long double
  // exactly; conversion to double rounds once, to nearest, ties to even.
  std::mt19937_64 generator(2);
  for (int i = 0; i < 100000; ++i) {
    std::vector<double> terms;
    long double exact = 0;
    for (int k = 0; k < 5; ++k) {
      const auto bits = static_cast<std::int64_t>(generator() >> 24) - (std::int64_t{1} << 39);
      terms.push_back(std::ldexp(static_cast<double>(bits), static_cast<int>(generator() % 20)));
      exact += terms.back();
    }
    ASSERT_EQ(sum_of(terms), static_cast<double>(exact));
  }
  // Ties, decided by the last bit kept or by a much smaller term.
  constexpr double ulp = 0x1p-52;
  EXPECT_EQ(sum_of({1, ulp / 2}), 1.0);
  EXPECT_EQ(sum_of({1 + ulp, ulp / 2}), 1 + 2 * ulp);
  EXPECT_EQ(sum_of({1, ulp / 2, 0x1p-1074}), 1 + ulp);
  EXPECT_EQ(sum_of({1, ulp / 2, -0x1p-1074}), 1.0);
}

TEST(Superaccumulator, KeepsWhatCancellationLeaves) {
  EXPECT_EQ(sum_of({1e308, 1, -1e308}), 1.0);
  EXPECT_EQ(sum_of({1e308, 5e-324, -1e308}), 5e-324);
  EXPECT_EQ(sum_of({1e16, 1, -1e16, -1}), 0.0);
  EXPECT_EQ(sum_of({-3, 1, 1}), -1.0);
}

TEST(Superaccumulator, PassesThroughOverflowAndEndsInInfinityOnlyThere) {
  constexpr double most = std::numeric_limits<double>::max();
  EXPECT_EQ(sum_of({most, most, -most}), most);
  EXPECT_EQ(sum_of({most, most}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(sum_of({-most, -most}), -std::numeric_limits<double>::infinity());
}

TEST(Superaccumulator, IsNaNIfATermIsNotFinite) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isnan(sum_of({1, std::numeric_limits<double>::quiet_NaN()})));
  EXPECT_TRUE(std::isnan(sum_of({infinity, -infinity, 1})));
}

TEST(Superaccumulator, DoesNotDependOnOrderOrGrouping) {
  std::mt19937_64 generator(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> terms;
    for (int k = 0; k < 100; ++k) terms.push_back(random_double(generator, 0, 300));
    const double whole = sum_of(terms);
    for (int i = 0; i < 5; ++i) {
      std::ranges::shuffle(terms, generator);
      EXPECT_EQ(sum_of(terms), whole);
      // As in a reduction over ranks: limbs of parts are added element by element.
      Superaccumulator left, right;
      for (std::size_t k = 0; k < terms.size(); ++k) (k % 3 == 0 ? left : right).add(terms[k]);
      left.add(right);
      EXPECT_EQ(left.value(), whole);
    }
  }
}

}  // namespace
}  // namespace annmpi
