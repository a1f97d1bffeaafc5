#include <algorithm>
#include <bit>
#include <limits>
#include <span>

#include <gtest/gtest.h>

#include "device/cpu/narrow/narrow_forward.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

using config::Precision;
using namespace device::cpu::kernels;

template <class T>
class NarrowForward : public ::testing::Test {
 public:
  /// Z by the kernel, rows in calls of at most `rows_per_call`.
  static std::vector<double> kernel(const std::vector<T>& X, std::size_t rows,
                                    const PackedWeights& weights, std::size_t rows_per_call) {
    std::vector<double> Z(rows * weights.units(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t first = 0; first < rows; first += rows_per_call) {
      const std::size_t count = std::min(rows_per_call, rows - first);
      narrow_forward(std::span(X).subspan(first * weights.inputs(), count * weights.inputs()),
                     count, weights,
                     std::span(Z).subspan(first * weights.units(), count * weights.units()));
    }
    return Z;
  }

  static void expect_right(std::size_t rows, std::size_t inputs, std::size_t units,
                           Precision precision) {
    const std::vector<T> X = random_features<T>(rows * inputs, 1);
    const std::vector<double> parameters = random_numbers(units * (1 + inputs), 2);
    PackedWeights weights(units, inputs, precision);
    weights.pack(parameters, feature_scale);
    const std::vector<double> Z = kernel(X, rows, weights, rows + 1);
    // One rounding for each of the packed weight, the feature (mixed precision only), and each of
    // the additions that a product takes part in: its partial sum's, and the 4 of the lanes and 1
    // of the bias. Twice that for products of (1 + rounding).
    const bool mixed = precision == Precision::mixed;
    const double lanes = mixed ? 16 : 8;
    const double roundings = 2 * (static_cast<double>(inputs) / lanes + 8);
    const double tolerance = roundings * (mixed ? rounding32 : rounding64);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < units; ++j) {
        const double* row = parameters.data() + j * (1 + inputs);
        long double sum = row[0];
        long double magnitude = std::abs(row[0]);
        for (std::size_t c = 0; c < inputs; ++c) {
          const long double term = static_cast<long double>(X[i * inputs + c]) *
                                   static_cast<long double>(feature_scale) * row[1 + c];
          sum += term;
          magnitude += std::abs(term);
        }
        ASSERT_NEAR(Z[i * units + j], static_cast<double>(sum),
                    static_cast<double>(magnitude) * tolerance)
            << rows << " rows of " << inputs << ", " << units << " units: " << i << ", " << j;
      }
  }
};

TYPED_TEST_SUITE(NarrowForward, FeatureTypes);

TYPED_TEST(NarrowForward, IsRightForAnyShape) {
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    for (const std::size_t inputs : {1, 7, 8, 9, 63, 64, 65, 200})
      for (const std::size_t rows : {0, 1, 2, 3, 97})
        for (const std::size_t units : {1, 3, 8, 25})
          this->expect_right(rows, inputs, units, precision);
    for (std::size_t units = 1; units <= 33; ++units) this->expect_right(10, 65, units, precision);
    for (const std::size_t rows : {95, 96, 97}) this->expect_right(rows, 1024, 8, precision);
    this->expect_right(5, 1000, 25, precision);
  }
}

TYPED_TEST(NarrowForward, BitsOfARowDependOnThatRowAlone) {
  constexpr std::size_t rows = 97;
  constexpr std::size_t inputs = 65;
  const std::vector<TypeParam> X = random_features<TypeParam>(rows * inputs, 3);
  for (const Precision precision : {Precision::float64, Precision::mixed})
    for (std::size_t units = 1; units <= 33; ++units) {
      PackedWeights weights(units, inputs, precision);
      weights.pack(random_numbers(units * (1 + inputs), 4), feature_scale);
      const std::vector<double> whole = this->kernel(X, rows, weights, rows);
      for (const std::size_t rows_per_call : {1, 2, 3, 5, 7, 96})
        ASSERT_EQ(this->kernel(X, rows, weights, rows_per_call), whole)
            << units << " units, " << rows_per_call << " rows a call";
    }
}

TYPED_TEST(NarrowForward, SameBitsOnEverySimdTarget) {
  constexpr std::size_t rows = 13;
  for (const std::size_t inputs : {3, 8, 75, 144})
    for (const Precision precision : {Precision::float64, Precision::mixed})
      for (std::size_t units = 1; units <= 33; ++units) {
        const std::vector<TypeParam> X = random_features<TypeParam>(rows * inputs, 5);
        PackedWeights weights(units, inputs, precision);
        weights.pack(random_numbers(units * (1 + inputs), 6), feature_scale);
        const std::vector<double> best = this->kernel(X, rows, weights, rows);
        for_each_simd_target([&](const char* name) {
          ASSERT_EQ(this->kernel(X, rows, weights, rows), best) << name << ", " << units;
        });
      }
}

TYPED_TEST(NarrowForward, LeavesTheRestOfTheOutputAlone) {
  const std::vector<TypeParam> X = random_features<TypeParam>(4 * 20, 7);
  PackedWeights weights(5, 20, Precision::float64);
  weights.pack(random_numbers(5 * 21, 8), 1.0);
  std::vector<double> Z(4 * 5, -3.0);
  narrow_forward(std::span<const TypeParam>(X), 3, weights, Z);
  EXPECT_EQ(std::vector<double>(Z.end() - 5, Z.end()), std::vector<double>(5, -3.0));
}

TEST(NarrowForwardOfDoubles, NaNStaysInItsRow) {
  constexpr std::size_t inputs = 21;
  std::vector<double> X = random_features<double>(3 * inputs, 9);
  X[inputs + 20] = std::numeric_limits<double>::quiet_NaN();
  PackedWeights weights(4, inputs, Precision::float64);
  weights.pack(random_numbers(4 * (1 + inputs), 10), 1.0);
  std::vector<double> Z(3 * 4);
  narrow_forward(std::span<const double>(X), 3, weights, Z);
  for (std::size_t j = 0; j < 4; ++j) {
    EXPECT_TRUE(std::isfinite(Z[j]));
    EXPECT_TRUE(std::isnan(Z[4 + j]));
    EXPECT_TRUE(std::isfinite(Z[8 + j]));
  }
}

}  // namespace
}  // namespace annmpi::tests
