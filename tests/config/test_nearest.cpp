#include <gtest/gtest.h>

#include "config/nearest.hpp"

namespace annmpi::config {
namespace {

TEST(Nearest, CountsSlipsOfTheFinger) {
  EXPECT_EQ(distance("hidden", "hidden"), 0U);
  EXPECT_EQ(distance("hiden", "hidden"), 1U);
  EXPECT_EQ(distance("sede", "seed"), 1U);  // a transposition is one edit
  EXPECT_EQ(distance("hiddden_aktivation", "hidden_activation"), 2U);
  EXPECT_EQ(distance("max_iter", "max_iterations"), 1U);
}

TEST(Nearest, KnowsWhatHasNothingInCommon) {
  EXPECT_EQ(distance("xy", "l2"), std::nullopt);
  EXPECT_EQ(distance("", "l2"), std::nullopt);
  EXPECT_EQ(distance("frobnicate", "chunk_rows"), std::nullopt);
  EXPECT_EQ(distance(std::string(1000000, 'a'), "chunk_rows"), std::nullopt);
  EXPECT_EQ(nearest("zzz", {"device", "chunk_rows"}), std::nullopt);
}

TEST(Nearest, PrefersTheFewestSlips) {
  EXPECT_EQ(nearest("c2", {"c1", "c2"}), "c2");
  EXPECT_EQ(nearest("--ouput", {"--config", "--output", "--quiet"}), "--output");
}

}  // namespace
}  // namespace annmpi::config
