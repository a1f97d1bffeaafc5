#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/int8/byte_backward.hpp"
#include "device/cpu/int8/byte_forward.hpp"
#include "device/cpu/int8/tile_units.hpp"
#include "support/layer_data.hpp"
#include "support/whole_slices.hpp"

// Products of bytes in integers, compared bit for bit with 128-bit integers.
namespace annmpi::tests {
namespace {

using config::Precision;
using namespace device::cpu::kernels;

class ByteForward : public OnEachTileUnit {};
class ByteBackward : public OnEachTileUnit {};
ANNMPI_ON_EACH_TILE_UNIT(ByteForward);
ANNMPI_ON_EACH_TILE_UNIT(ByteBackward);

Wide whole(double value, double bound, Precision precision) {
  return tests::whole(value, bound, slices_of(precision));
}
double from_whole(Wide sum, double bound, Precision precision) {
  return tests::from_whole(sum, bound, slices_of(precision));
}

double largest_magnitude(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

constexpr double feature_scale = 1 / 255.0;

TEST_P(ByteForward, RoundsTheExactSumOnce) {
  for (const Precision precision : {Precision::float64, Precision::mixed})
    for (const std::size_t inputs : {1, 7, 64, 65, 784, 1024, 4096})
      for (const std::size_t units : {1, 3, 8, 9, 25})
        for (const std::size_t rows : {1, 37, 130}) {
          const auto X = random_features<std::uint8_t>(rows * inputs, 71);
          const auto parameters = random_numbers(units * (1 + inputs), 72);
          SlicedWeights weights(units, inputs, precision);
          weights.pack(parameters, feature_scale);
          std::vector<double> Z(rows * units);
          byte_forward(X, rows, weights, Z);
          for (std::size_t j = 0; j < units; ++j) {
            std::vector<double> row(parameters.begin() + j * (1 + inputs),
                                    parameters.begin() + (j + 1) * (1 + inputs));
            const double bias = row.front();
            row.erase(row.begin());
            for (double& weight : row) weight *= feature_scale;
            const double bound = largest_magnitude(row);
            std::vector<Wide> wholes;
            for (const double weight : row) wholes.push_back(whole(weight, bound, precision));
            for (std::size_t i = 0; i < rows; ++i) {
              Wide sum = 0;
              for (std::size_t c = 0; c < inputs; ++c) sum += wholes[c] * X[i * inputs + c];
              ASSERT_EQ(Z[i * units + j], from_whole(sum, bound, precision) + bias)
                  << inputs << " inputs, unit " << j << " of " << units << ", row " << i;
            }
          }
        }
}

TEST_P(ByteForward, IsMoreAccurateThanDoubles) {
  constexpr std::size_t inputs = 1024, units = 8, rows = 20;
  const auto X = random_features<std::uint8_t>(rows * inputs, 75);
  const auto parameters = random_numbers(units * (1 + inputs), 76);
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    SlicedWeights weights(units, inputs, precision);
    weights.pack(parameters, 1.0);
    std::vector<double> Z(rows * units);
    byte_forward(X, rows, weights, Z);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < units; ++j) {
        long double sum = parameters[j * (1 + inputs)];
        long double magnitude = std::abs(sum);
        for (std::size_t c = 0; c < inputs; ++c) {
          const long double product =
              static_cast<long double>(parameters[j * (1 + inputs) + 1 + c]) * X[i * inputs + c];
          sum += product;
          magnitude += std::abs(product);
        }
        // |w| < 1: slices are right to 2^-63 or 2^-31, times 255 and the columns; two roundings of
        // at most the magnitude. In doubles the second term would grow with the columns too.
        const double cut = precision == Precision::mixed ? 0x1p-31 : 0x1p-63;
        ASSERT_NEAR(Z[i * units + j], static_cast<double>(sum),
                    cut * 255 * inputs + 2 * rounding64 * static_cast<double>(magnitude));
      }
  }
}

TEST_P(ByteForward, HandlesWeightsOfAnyMagnitude) {
  const SpecialWeights layer;
  SlicedWeights weights(layer.units(), layer.inputs, Precision::float64);
  weights.pack(layer.parameters, 1.0);
  std::vector<double> Z(layer.rows * layer.units());
  byte_forward(layer.X, layer.rows, weights, Z);
  layer.expect(Z);
}

std::vector<double> gradient_of(ByteGradientSums& sums, std::size_t size, double scale = 1) {
  std::vector<double> gradient(size);
  sums.round_to(gradient, scale);
  return gradient;
}

TransposedFeatures transposed(std::span<const std::uint8_t> X, std::size_t rows) {
  TransposedFeatures features(rows, X.size() / rows);
  for (std::size_t block = 0; block < features.blocks(); ++block) features.transpose(X, block);
  return features;
}

/// Adds rows in chunks of `chunk`, all of one thread.
void add_in_chunks(ByteGradientSums& sums, std::span<const std::uint8_t> X, std::size_t rows,
                   std::span<const double> delta, std::size_t chunk,
                   const TransposedFeatures* features = nullptr) {
  for (std::size_t first = 0; first < rows; first += chunk) {
    const std::size_t count = std::min(chunk, rows - first);
    sums.add(X, features, first, count,
             delta.subspan(first * (delta.size() / rows), count * (delta.size() / rows)));
  }
  sums.finish();
}

TEST_P(ByteBackward, RoundsTheExactSumOnce) {
  for (const Precision precision : {Precision::float64, Precision::mixed})
    for (const std::size_t inputs : {1, 7, 64, 65, 200, 1100})
      for (const std::size_t units : {1, 3, 8, 9, 25})
        for (const std::size_t rows : {1, 37, 96, 600}) {
          const auto X = random_features<std::uint8_t>(rows * inputs, 73);
          const auto delta = random_numbers(rows * units, 74);
          const std::vector<double> bounds(units, 1.5);
          ByteGradientSums sums(units, inputs, precision);
          sums.start(bounds);
          add_in_chunks(sums, X, rows, delta, 96);
          const auto gradient = gradient_of(sums, units * (1 + inputs), feature_scale);
          const TransposedFeatures features = transposed(X, rows);
          sums.start(bounds);
          add_in_chunks(sums, X, rows, delta, 96, &features);
          ASSERT_EQ(gradient_of(sums, units * (1 + inputs), feature_scale), gradient);
          std::vector<Wide> wholes, of_biases;
          for (const double value : delta) {
            wholes.push_back(whole(value, 1.5, precision));
            of_biases.push_back(whole(value, 1.5, Precision::float64));
          }
          for (std::size_t j = 0; j < units; ++j)
            for (std::size_t c = 0; c <= inputs; ++c) {
              const Precision its = c == 0 ? Precision::float64 : precision;
              Wide sum = 0;
              for (std::size_t i = 0; i < rows; ++i)
                sum += c == 0 ? of_biases[i * units + j]
                              : wholes[i * units + j] * X[i * inputs + c - 1];
              const double expected = (c == 0 ? 1 : feature_scale) * from_whole(sum, 1.5, its);
              ASSERT_EQ(gradient[j * (1 + inputs) + c], expected)
                  << inputs << " inputs, unit " << j << " of " << units << ", " << rows << " rows";
            }
        }
}

TEST_P(ByteBackward, GivesTheSameSumsInAnyChunksAndOrderOnAnyThreads) {
  constexpr std::size_t inputs = 100, units = 9, rows = 1500;
  const auto X = random_features<std::uint8_t>(rows * inputs, 77);
  const auto delta = random_numbers(rows * units, 78);
  const std::vector<double> bounds(units, 1.0);
  const TransposedFeatures features = transposed(X, rows);
  const auto delta_of = [&](std::size_t first, std::size_t count) {
    return std::span(delta).subspan(first * units, count * units);
  };
  for (const Precision precision : {Precision::float64, Precision::mixed}) {
    ByteGradientSums alone(units, inputs, precision), other(units, inputs, precision),
        third(units, inputs, precision);
    alone.start(bounds);
    add_in_chunks(alone, X, rows, delta, rows);
    for (const TransposedFeatures* as_transposed :
         {static_cast<const TransposedFeatures*>(nullptr), &features}) {
      for (const std::size_t chunk : {1, 7, 64, 513}) {
        other.start(bounds);
        add_in_chunks(other, X, rows, delta, chunk, as_transposed);
        ASSERT_TRUE(std::ranges::equal(alone.flat(), other.flat())) << chunk;
      }
      // Neither whole blocks of rows nor whole tiles for a thread.
      other.start(bounds);
      third.start(bounds);
      other.add(X, as_transposed, 1000, 500, delta_of(1000, 500));
      other.add(X, as_transposed, 0, 300, delta_of(0, 300));
      third.add(X, as_transposed, 300, 700, delta_of(300, 700));
      other.finish();
      third.finish();
      for (std::size_t i = 0; i < other.flat().size(); ++i) other.flat()[i] += third.flat()[i];
      EXPECT_TRUE(std::ranges::equal(alone.flat(), other.flat()));
    }
  }
}

/// More rows than fit into 32 bits, all at the bound.
TEST_P(ByteBackward, HoldsTheLargestSums) {
  constexpr std::size_t rows = 200'000;
  const std::vector<std::uint8_t> X(rows, 255);
  for (const Precision precision : {Precision::float64, Precision::mixed})
    for (const double value : {-1.0, 1.0, 0.9999999, -0.50196078}) {
      const std::vector<double> delta(rows, value), bounds{1.0};
      ByteGradientSums sums(1, 1, precision);
      sums.start(bounds);
      add_in_chunks(sums, X, rows, delta, 4096);
      const auto sum_of = [&](std::int64_t x, Precision its) {
        return from_whole(whole(value, 1.0, its) * static_cast<Wide>(rows) * x, 1.0, its);
      };
      const auto gradient = gradient_of(sums, 2);
      EXPECT_EQ(gradient[0], sum_of(1, Precision::float64));
      EXPECT_EQ(gradient[1], sum_of(255, precision));
    }
}

/// The words of byte_slices::most_terms_of_words rows: the sum of one chunk, as many times.
TEST_P(ByteBackward, HoldsTheRowsOfAllRanks) {
  constexpr std::size_t rows = 1024;
  constexpr std::int64_t ranks = byte_slices::most_terms_of_words / rows;
  const std::vector<std::uint8_t> X(rows, 255);
  for (const Precision precision : {Precision::float64, Precision::mixed})
    for (const double value : {-1.0, 1.0}) {
      const std::vector<double> delta(rows, value), bounds{1.0};
      ByteGradientSums sums(1, 1, precision);
      sums.start(bounds);
      add_in_chunks(sums, X, rows, delta, rows);
      std::vector<Wide> exact(sums.flat().begin(), sums.flat().end());
      for (std::size_t i = 0; i < exact.size(); ++i) {
        exact[i] *= ranks;
        sums.flat()[i] *= ranks;
        ASSERT_EQ(static_cast<Wide>(sums.flat()[i]), exact[i]);
      }
      const auto gradient = gradient_of(sums, 2);
      EXPECT_EQ(gradient[0], value * 0x1p24);
      EXPECT_EQ(gradient[1], value * 0x1p24 * 255);
    }
}

TEST_P(ByteBackward, GivesNaNWhereABoundIsExceeded) {
  constexpr std::size_t units = 5, inputs = 3, rows = 10;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::uint8_t> X(rows * inputs, 1);
  std::vector<double> delta(rows * units, 0.5);
  delta[3 * units + 1] = nan;
  delta[9 * units + 2] = -5;  // over the bound by more than the slices' room
  const std::vector<double> bounds{1.0, 1.0, 1.0, std::numeric_limits<double>::infinity(), nan};
  ByteGradientSums sums(units, inputs, Precision::float64);
  sums.start(bounds);
  add_in_chunks(sums, X, rows, delta, rows);
  const auto gradient = gradient_of(sums, units * (1 + inputs));
  ASSERT_EQ(gradient.size(), units * (1 + inputs));
  expect_nan_but_in_first_unit(gradient, inputs, 5.0);
  // start() resets the sums.
  sums.start(std::vector(units, 8.0));
  sums.add(X, nullptr, 0, 1, std::span(delta).first(units));
  sums.finish();
  EXPECT_EQ(gradient_of(sums, units * (1 + inputs)), std::vector(units * (1 + inputs), 0.5));
}

}  // namespace
}  // namespace annmpi::tests
