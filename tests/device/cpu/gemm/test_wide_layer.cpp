#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/gemm/wide_layer.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

using namespace device::cpu::kernels;

template <class From, class To>
void expect_converted() {
  for (std::size_t count = 0; count < 40; ++count) {
    const std::vector<From> from = random_features<From>(count, 1);
    std::vector<To> expected;
    for (const From value : from) expected.push_back(static_cast<To>(value));
    expected.push_back(To{-1});
    for_each_simd_target([&](const char* name) {
      std::vector<To> to(count + 1, To{-1});
      convert(std::span<const From>(from), std::span(to));
      EXPECT_EQ(to, expected) << name << ", " << count;
    });
  }
}

TEST(WideLayer, ConvertsFeaturesAsTheLanguageDoes) {
#define ANNMPI_EXPECT_CONVERTED(name, Type) \
  expect_converted<Type, double>();         \
  expect_converted<Type, float>();
  ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_EXPECT_CONVERTED)
#undef ANNMPI_EXPECT_CONVERTED
}

TEST(WideLayer, ConvertsEveryHalf) {
  std::vector<Half> all;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits)
    all.push_back(std::bit_cast<Half>(static_cast<std::uint16_t>(bits)));
  for_each_simd_target([&](const char* name) {
    std::vector<float> floats(all.size());
    std::vector<double> doubles(all.size());
    convert(std::span<const Half>(all), std::span(floats));
    convert(std::span<const Half>(all), std::span(doubles));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const float expected = all[i];
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(floats[i]) && std::isnan(doubles[i])) << name << ", " << i;
      } else {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(floats[i]), std::bit_cast<std::uint32_t>(expected))
            << name << ", " << i;
        ASSERT_EQ(doubles[i], static_cast<double>(expected)) << name << ", " << i;
      }
    }
  });
}

template <class Number>
void expect_parts_added() {
  const exact_sum::Split split = exact_sum::make_split(8, 1000);
  for (std::size_t count = 0; count < 40; ++count) {
    std::vector<Number> values;
    for (const double value : random_numbers(count, 2))
      values.push_back(static_cast<Number>(value));
    const std::vector<double> hi_before = random_numbers(count + 1, 3);
    const std::vector<double> mid_before = random_numbers(count + 1, 4);
    std::vector<double> highs = hi_before, lows = mid_before;
    for (std::size_t i = 0; i < count; ++i) {
      const exact_sum::Parts parts = exact_sum::parts_of(static_cast<double>(values[i]), split);
      highs[i] += parts.high;
      lows[i] += parts.low;
    }
    for_each_simd_target([&](const char* name) {
      std::vector<double> high = hi_before, low = mid_before, alone = hi_before;
      add_parts(std::span<const Number>(values), split, high, low);
      add_parts(std::span<const Number>(values), split, alone, {});
      EXPECT_EQ(high, highs) << name << ", " << count;
      EXPECT_EQ(low, lows) << name << ", " << count;
      EXPECT_EQ(alone, highs) << name << ", " << count;
    });
  }
}

TEST(WideLayer, AddsThePartsOfEachValue) {
  expect_parts_added<double>();
  expect_parts_added<float>();
}

}  // namespace
}  // namespace annmpi::tests
