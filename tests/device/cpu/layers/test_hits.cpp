#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/layers/hits.hpp"
#include "device/cpu/simd/each_simd_target.hpp"

namespace annmpi::tests {
namespace {

using device::cpu::kernels::count_hits;

template <class Real>
class Hits : public testing::Test {};
using HitPrecisions = testing::Types<float, double>;
TYPED_TEST_SUITE(Hits, HitPrecisions);

TYPED_TEST(Hits, AreRowsWhoseLabelIsTheFirstOfTheLargest) {
  for_each_simd_target([](const char* name) {
    std::mt19937 random(5);
    for (const std::size_t classes : {1, 2, 3, 7, 10})
      for (const std::size_t rows : {0, 1, 7, 16, 37, 96}) {
        std::vector<TypeParam> z(rows * classes);
        std::vector<std::int32_t> labels(rows);
        // Few values, so that many are equal.
        for (TypeParam& value : z) value = static_cast<TypeParam>(random() % 4) - 2;
        for (std::int32_t& label : labels) label = static_cast<std::int32_t>(random() % classes);
        std::int64_t expected = 0;
        for (std::size_t i = 0; i < rows; ++i) {
          const auto row = std::span(z).subspan(i * classes, classes);
          if (std::ranges::max_element(row) - row.begin() == labels[i]) ++expected;
        }
        EXPECT_EQ(count_hits(std::span<const TypeParam>(z), labels, classes), expected)
            << name << ", " << rows << " rows, " << classes << " classes";
      }
  });
}

TYPED_TEST(Hits, TreatZerosOfEitherSignAsEqualAndExcludeNaN) {
  constexpr TypeParam nan = std::numeric_limits<TypeParam>::quiet_NaN();
  constexpr TypeParam infinity = std::numeric_limits<TypeParam>::infinity();
  // -0 and 0 are equal: the first one counts.
  const std::vector<TypeParam> rows{-0.0, 0, 0, -0.0, nan, 1, 1, nan, infinity, 1, -infinity, 1};
  std::vector<TypeParam> z;
  std::vector<std::int32_t> labels;
  for (int copy = 0; copy < 16; ++copy) {
    z.insert(z.end(), rows.begin(), rows.end());
    labels.insert(labels.end(), {0, 1, 0, 1, 0, 1});
  }
  const std::int64_t expected = 16 * 3;
  for_each_simd_target([&](const char* name) {
    EXPECT_EQ(count_hits(std::span<const TypeParam>(z), labels, 2), expected) << name;
    EXPECT_EQ(count_hits(std::span<const TypeParam>(z).first(12), std::span(labels).first(6), 2), 3)
        << name;
  });
}

}  // namespace
}  // namespace annmpi::tests
