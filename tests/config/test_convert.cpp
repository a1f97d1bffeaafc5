#include <gtest/gtest.h>

#include "config/convert.hpp"

namespace annmpi::config {
namespace {

TEST(Convert, TakesTruthValues) {
  bool value = false;
  EXPECT_EQ(convert({true}, {}, value), "");
  EXPECT_TRUE(value);
  EXPECT_EQ(convert({std::int64_t{1}}, {}, value), "is an integer");
  EXPECT_EQ(describe<bool>({}), "true or false");
  EXPECT_EQ(literal(true), "true");
}

TEST(Convert, RefusesIntegersThatDoNotFit) {
  std::uint32_t value = 7;
  EXPECT_EQ(convert({std::int64_t{4294967296}}, {}, value), "is out of range");
  EXPECT_EQ(convert({std::int64_t{-1}}, {}, value), "is out of range");
  EXPECT_EQ(value, 7U);
}

TEST(Convert, DescribesRanges) {
  EXPECT_EQ(describe<std::int64_t>({}), "an integer");
  EXPECT_EQ(describe<double>(above(0)), "a number, more than 0");
  EXPECT_EQ(describe<double>({.most = 1}), "a number, 1 or less");
  EXPECT_EQ(describe<double>({.most = 1, .ends_included = false}), "a number, less than 1");
  EXPECT_EQ(describe<std::vector<std::int64_t>>({}), "a list like [8] of integers");
}

}  // namespace
}  // namespace annmpi::config
