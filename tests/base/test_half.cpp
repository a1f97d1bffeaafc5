#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "annmpi/base/half.hpp"

namespace annmpi {
namespace {

Half half_of(std::uint16_t bits) {
  return std::bit_cast<Half>(bits);
}

/// The value as the standard defines it.
double defined(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const int mantissa = bits & 0x3ff;
  const double sign = bits >> 15 != 0 ? -1 : 1;
  if (exponent == 31)
    return mantissa != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  return sign *
         (exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25));
}

TEST(Half, HasTheValuesOfTheStandard) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = half_of(static_cast<std::uint16_t>(bits));
    const double expected = defined(static_cast<std::uint16_t>(bits));
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
    } else {
      EXPECT_EQ(static_cast<double>(value), expected) << bits;
      EXPECT_EQ(std::signbit(value), std::signbit(expected)) << bits;
    }
  }
}

std::uint16_t rounded(double value) {
  return std::bit_cast<std::uint16_t>(Half(value));
}

TEST(Half, IsTheNearestToADouble) {
  for (std::uint16_t bits = 0; bits < 0x7bff; ++bits) {
    const auto next = static_cast<std::uint16_t>(bits + 1);
    const double value = defined(bits);
    const double middle = (value + defined(next)) / 2;
    const std::uint16_t even = bits % 2 == 0 ? bits : next;
    ASSERT_EQ(rounded(value), bits);
    ASSERT_EQ(rounded(middle), even) << bits;
    ASSERT_EQ(rounded(std::nextafter(middle, 0.0)), bits) << bits;
    ASSERT_EQ(rounded(std::nextafter(middle, 1e9)), next) << bits;
    ASSERT_EQ(rounded(-middle), even | 0x8000) << bits;
  }
}

TEST(Half, GoesToInfinityBeyondItsRange) {
  EXPECT_EQ(rounded(Half::largest), 0x7bff);
  EXPECT_EQ(rounded(65519.99), 0x7bff);
  EXPECT_EQ(rounded(65520), 0x7c00);
  EXPECT_EQ(rounded(-1e300), 0xfc00);
  EXPECT_EQ(rounded(std::numeric_limits<double>::infinity()), 0x7c00);
  EXPECT_TRUE(std::isnan(Half(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(rounded(std::numeric_limits<double>::denorm_min()), 0);
  EXPECT_EQ(rounded(-0.0), 0x8000);
}

}  // namespace
}  // namespace annmpi
