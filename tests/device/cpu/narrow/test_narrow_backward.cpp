#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include <gtest/gtest.h>

#include "device/cpu/narrow/narrow_backward.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

using config::Precision;
using namespace device::cpu::kernels;

__extension__ using Quad = __float128;  // 113 bits: exact sums of the tests' parts fit

/// A layer's input and delta, and a bound of the features.
template <class T>
struct Case {
  Case(std::size_t rows_, std::size_t inputs_, std::size_t units_)
      : rows(rows_),
        inputs(inputs_),
        units(units_),
        X(random_features<T>(rows * inputs, 11)),
        delta(random_numbers(rows * units, 12)) {}

  /// |sum| over a chunk, with room for rounding (narrow_backward.hpp)
  [[nodiscard]] double bound(std::size_t chunk) const {
    double largest = 0;
    for (const T x : X) largest = std::max(largest, std::abs(static_cast<double>(x)));
    return static_cast<double>(chunk) * largest * (1 + static_cast<double>(chunk) * 0x1p-22) *
           (1 + 0x1p-20);
  }

  [[nodiscard]] std::vector<exact_sum::Split> weight_splits(std::size_t chunk) const {
    return std::vector(units, exact_sum::make_split(bound(chunk), rows / chunk + 1));
  }
  [[nodiscard]] std::vector<exact_sum::Split> bias_splits(std::size_t chunk) const {
    return std::vector(
        units, exact_sum::make_split(static_cast<double>(chunk) * (1 + 0x1p-20), rows / chunk + 1));
  }

  void add(std::size_t first, std::size_t count, GradientSums& sums) const {
    BackwardWorkspace workspace(units, count, sums.precision());
    narrow_backward(std::span(X).subspan(first * inputs, count * inputs), count,
                    std::span(delta).subspan(first * units, count * units), sums, workspace);
  }

  /// All rows, chunks in the order that `order` gives.
  [[nodiscard]] GradientSums sums(std::size_t chunk, Precision precision, Summation summation,
                                  unsigned order = 0) const {
    GradientSums result(units, inputs, precision, summation);
    result.start(weight_splits(chunk), bias_splits(chunk));
    std::vector<std::size_t> firsts;
    for (std::size_t first = 0; first < rows; first += chunk) firsts.push_back(first);
    if (order != 0) std::ranges::shuffle(firsts, std::mt19937(order));
    for (const std::size_t first : firsts) add(first, std::min(chunk, rows - first), result);
    return result;
  }

  std::size_t rows, inputs, units;
  std::vector<T> X;
  std::vector<double> delta;
};

std::vector<double> flat(const GradientSums& sums) {
  return {sums.flat().begin(), sums.flat().end()};
}

std::vector<double> unpacked(const GradientSums& sums) {
  std::vector<double> gradient(sums.units() * (1 + sums.inputs()));
  sums.unpack(feature_scale, gradient);
  return gradient;
}

template <class T>
class NarrowBackward : public ::testing::Test {
 public:
  static void expect_right(std::size_t rows, std::size_t inputs, std::size_t units,
                           Precision precision, Summation summation) {
    constexpr std::size_t chunk = 96;
    const Case<T> layer(rows, inputs, units);
    const std::vector<double> gradient = unpacked(layer.sums(chunk, precision, summation));
    // A product is rounded once with each later row of its chunk, delta and x are rounded in mixed
    // precision, then come the sum over chunks, the reading and the scale. Twice, for products.
    const double roundings = 2 * (static_cast<double>(chunk + rows / chunk) + 4);
    // With highs alone half of their last place is dropped per chunk, 2^(e + k - 52): at most
    // 8 N B 2^-53 each, as 2^e < 2 B and 2^k < 2 N.
    const double chunks = static_cast<double>(rows / chunk + 1);
    const bool mixed = precision == Precision::mixed;
    const double dropped_per_bound =
        summation == Summation::exact_highs ? 8 * chunks * chunks * rounding64 : 0;
    for (std::size_t j = 0; j < units; ++j)
      for (std::size_t c = 0; c <= inputs; ++c) {
        long double sum = 0;
        long double magnitude = 0;
        for (std::size_t i = 0; i < rows; ++i) {
          const long double x = c == 0 ? 1.0L
                                       : static_cast<long double>(layer.X[i * inputs + c - 1]) *
                                             static_cast<long double>(feature_scale);
          sum += x * layer.delta[i * units + j];
          magnitude += std::abs(x * layer.delta[i * units + j]);
        }
        const double tolerance =
            roundings * (mixed && c > 0 ? rounding32 : rounding64) * static_cast<double>(magnitude);
        const double dropped = dropped_per_bound * (c == 0 ? static_cast<double>(chunk)
                                                           : feature_scale * layer.bound(chunk));
        ASSERT_NEAR(gradient[j * (1 + inputs) + c], static_cast<double>(sum), tolerance + dropped)
            << rows << " rows of " << inputs << ", " << units << " units: " << j << ", " << c;
      }
  }
};

TYPED_TEST_SUITE(NarrowBackward, FeatureTypes);

TYPED_TEST(NarrowBackward, IsRightForAnyShape) {
  for (const Precision precision : {Precision::float64, Precision::mixed})
    for (const Summation summation : {Summation::exact, Summation::exact_highs, Summation::plain}) {
      for (const std::size_t inputs : {1, 7, 8, 9, 65})
        for (const std::size_t rows : {0, 1, 3, 33})
          for (const std::size_t units : {1, 3, 8, 25})
            this->expect_right(rows, inputs, units, precision, summation);
      for (std::size_t units = 1; units <= 33; ++units)
        this->expect_right(5, 37, units, precision, summation);
      this->expect_right(97, 256, 8, precision, summation);
    }
}

TYPED_TEST(NarrowBackward, ExactSumsAreTheSameInAnyOrderOfChunks) {
  for (const std::size_t units : {1, 8, 25})
    for (const Precision precision : {Precision::float64, Precision::mixed}) {
      const Case<TypeParam> layer(500, 37, units);
      const std::vector<double> in_order = flat(layer.sums(16, precision, Summation::exact));
      for (const unsigned order : {1u, 2u, 3u})
        ASSERT_EQ(flat(layer.sums(16, precision, Summation::exact, order)), in_order);
    }
}

TYPED_TEST(NarrowBackward, ExactSumsOfThreadsAddUpToTheSameBits) {
  constexpr std::size_t chunk = 16;
  const Case<TypeParam> layer(500, 37, 5);
  const std::vector<double> alone = flat(layer.sums(chunk, Precision::float64, Summation::exact));
  std::vector<GradientSums> shares;
  for (int rank = 0; rank < 3; ++rank) {
    shares.emplace_back(5, 37, Precision::float64, Summation::exact);
    shares.back().start(layer.weight_splits(chunk), layer.bias_splits(chunk));
  }
  for (std::size_t first = 0; first < 500; first += chunk)
    layer.add(first, std::min(chunk, 500 - first), shares[first / chunk % 3]);
  std::vector<double> together(alone.size());
  for (const GradientSums& share : shares)
    for (std::size_t e = 0; e < together.size(); ++e) together[e] += share.flat()[e];
  EXPECT_EQ(together, alone);
}

TYPED_TEST(NarrowBackward, SameBitsOnEverySimdTarget) {
  for (const std::size_t inputs : {3, 8, 75, 144})
    for (const Precision precision : {Precision::float64, Precision::mixed})
      for (const Summation summation : {Summation::exact, Summation::plain})
        for (const std::size_t units : {1, 2, 3, 5, 8, 9, 14, 16, 25, 32}) {
          const Case<TypeParam> layer(21, inputs, units);
          const std::vector<double> best = flat(layer.sums(8, precision, summation));
          for_each_simd_target([&](const char* name) {
            ASSERT_EQ(flat(layer.sums(8, precision, summation)), best) << name << ", " << units;
          });
        }
}

TYPED_TEST(NarrowBackward, SumsAreTheSplitChainsOfTheDefinition) {
  constexpr std::size_t chunk = 16;
  constexpr std::size_t inputs = 13;
  constexpr std::size_t units = 3;
  const Case<TypeParam> layer(200, inputs, units);
  const std::vector<double> gradient =
      unpacked(layer.sums(chunk, Precision::float64, Summation::exact));
  for (std::size_t j = 0; j < units; ++j)
    for (std::size_t c = 0; c <= inputs; ++c) {
      const exact_sum::Split split =
          c == 0 ? layer.bias_splits(chunk)[j] : layer.weight_splits(chunk)[j];
      Quad sum = 0;
      for (std::size_t first = 0; first < 200; first += chunk) {
        double partial = 0;  // the chain that narrow_backward promises
        for (std::size_t i = first; i < std::min<std::size_t>(200, first + chunk); ++i) {
          const double x = c == 0 ? 1.0 : static_cast<double>(layer.X[i * inputs + c - 1]);
          partial = std::fma(x, layer.delta[i * units + j], partial);
        }
        const exact_sum::Parts parts = exact_sum::parts_of(partial, split);
        sum += static_cast<Quad>(parts.high) + static_cast<Quad>(parts.low);
      }
      const double rounded = static_cast<double>(sum);
      EXPECT_EQ(gradient[j * (1 + inputs) + c], c == 0 ? rounded : feature_scale * rounded);
    }
}

/// Every partial value is the bound itself, of either sign: the sums then reach N times the bound.
TEST(NarrowBackwardAtTheBound, SumsAreExact) {
  constexpr std::size_t chunks = 1024;
  constexpr std::size_t inputs = 9;
  for (const double value : {1.0, 0x1p-1000, 0x1p900, std::nextafter(4.0, 0.0)}) {
    const std::vector<double> features(inputs, value);
    GradientSums sums(2, inputs, Precision::float64, Summation::exact);
    BackwardWorkspace workspace(2, 1, Precision::float64);
    const std::vector splits(2, exact_sum::make_split(value, chunks));
    sums.start(splits, std::vector(2, exact_sum::make_split(1.0, chunks)));
    for (std::size_t i = 0; i < chunks; ++i)
      narrow_backward(std::span<const double>(features), 1,
                      std::vector{1.0, i % 4 == 0 ? 1.0 : -1.0}, sums, workspace);
    std::vector<double> gradient(2 * (1 + inputs));
    sums.unpack(1.0, gradient);
    // Values far below 2^-900 lie below the last place of low, which the bound's floor sets.
    const double expected = value < 0x1p-900 ? gradient[1] : chunks * value;
    EXPECT_EQ(gradient[0], chunks);
    EXPECT_EQ(gradient[1 + inputs], -static_cast<double>(chunks) / 2);
    for (std::size_t c = 0; c < inputs; ++c) {
      EXPECT_EQ(gradient[1 + c], expected);
      EXPECT_EQ(gradient[1 + inputs + 1 + c], -expected / 2);
    }
    EXPECT_NEAR(gradient[1], chunks * value,
                chunks * chunks * chunks * std::max(value, 0x1p-900) * 0x1p-103);
  }
}

TEST(NarrowBackwardAtTheBound, NonFiniteBoundsGiveNonFiniteSums) {
  const std::vector<double> features(3, 1.0);
  GradientSums sums(1, 3, Precision::float64, Summation::exact);
  BackwardWorkspace workspace(1, 1, Precision::float64);
  const std::vector splits(1, exact_sum::make_split(std::numeric_limits<double>::infinity(), 4));
  sums.start(splits, splits);
  narrow_backward(std::span<const double>(features), 1, std::vector{1.0}, sums, workspace);
  std::vector<double> gradient(4);
  sums.unpack(1.0, gradient);
  for (const double element : gradient) EXPECT_TRUE(std::isnan(element));
}

}  // namespace
}  // namespace annmpi::tests
