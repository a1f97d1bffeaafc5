#include <span>
#include <string>

#include <gtest/gtest.h>

#include "annmpi/base/hash.hpp"

namespace annmpi::tests {
namespace {

std::span<const std::byte> bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// Reference values from xxhsum -H3 and -H2.
TEST(Hash, IsXxh3) {
  EXPECT_EQ(hash64(bytes("")), 0x2d06800538d394c2U);
  EXPECT_EQ(hash64(bytes("abc")), 0x78af5f94892f3950U);
  EXPECT_EQ(hash128_text(bytes("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hash128_text(bytes("abc")), "06b05ab6733a618578af5f94892f3950");
}

TEST(Hash, DependsOnTheSeed) {
  EXPECT_EQ(hash64(bytes("annmpi"), 0), hash64(bytes("annmpi")));
  EXPECT_NE(hash64(bytes("annmpi"), 1), hash64(bytes("annmpi")));
}

}  // namespace
}  // namespace annmpi::tests
