#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/int8/byte_backward.hpp"
#include "device/cpu/int8/byte_forward.hpp"
#include "device/cpu/int8/byte_tiles.hpp"
#include "device/cpu/int8/plain_unit.hpp"
#include "device/cpu/int8/tile_unit.hpp"
#include "device/cpu/int8/tile_units.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

using config::Precision;
using namespace device::cpu::kernels;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// 16 rows of 64 bytes.
using Tile = std::vector<std::uint8_t>;
using Sums = std::vector<std::int32_t>;

Tile random_tile(unsigned seed) {
  return random_features<std::uint8_t>(tile_bytes, seed);
}

Sums stored(const plain::Tiles& tiles) {
  Sums sums(tile_integers);
  tiles.store<0>(sums.data());
  return sums;
}

std::int32_t signed_byte(std::uint8_t byte) {
  return static_cast<std::int8_t>(byte);
}

/// The definition of TDPBUSD and TDPBSUD in Intel's manual, by 64-bit sums.
TEST(PlainTiles, AddProductsOfQuadsOfBytes) {
  const Tile a = random_tile(1), b = random_tile(2);
  Sums before(tile_integers);
  for (std::size_t i = 0; i < tile_integers; ++i) before[i] = static_cast<std::int32_t>(1000 * i);
  plain::Tiles tiles;
  tiles.load<1>(a.data(), 64);
  tiles.load<2>(b.data(), 64);
  const auto expect = [&](auto value_of_a, auto value_of_b) {
    const Sums sums = stored(tiles);
    for (std::size_t m = 0; m < 16; ++m)
      for (std::size_t n = 0; n < 16; ++n) {
        std::int64_t sum = before[m * 16 + n];
        for (std::size_t k = 0; k < 64; ++k)
          sum += value_of_a(a[m * 64 + k]) * value_of_b(b[k / 4 * 64 + 4 * n + k % 4]);
        ASSERT_EQ(sums[m * 16 + n], sum) << m << ", " << n;
      }
  };
  const auto unsigned_byte = [](std::uint8_t byte) { return std::int32_t{byte}; };
  tiles.load<0>(before.data(), 64);
  tiles.add_unsigned_signed<0, 1, 2>();
  expect(unsigned_byte, signed_byte);
  tiles.load<0>(before.data(), 64);
  tiles.add_signed_unsigned<0, 1, 2>();
  expect(signed_byte, unsigned_byte);
}

TEST(PlainTiles, WrapAroundInsteadOfSaturating) {
  const Tile largest(tile_bytes, 255), lowest(tile_bytes, 0x80);
  const Sums before(tile_integers, std::numeric_limits<std::int32_t>::min());
  plain::Tiles tiles;
  tiles.load<0>(before.data(), 64);
  tiles.load<1>(largest.data(), 64);
  tiles.load<2>(lowest.data(), 64);
  tiles.add_unsigned_signed<0, 1, 2>();
  EXPECT_EQ(stored(tiles),
            Sums(tile_integers, std::numeric_limits<std::int32_t>::max() - (64 * 255 * 128 - 1)));
  tiles.zero<0>();
  EXPECT_EQ(stored(tiles), Sums(tile_integers, 0));
}

TEST(PlainTiles, LoadRowsAStrideApart) {
  constexpr std::size_t stride = 70;
  const auto bytes = random_features<std::uint8_t>(16 * stride, 3);
  plain::Tiles tiles;
  tiles.load<0>(bytes.data(), stride);
  const Sums sums = stored(tiles);
  for (std::size_t row = 0; row < 16; ++row)
    EXPECT_EQ(std::memcmp(&sums[row * 16], &bytes[row * stride], 64), 0) << row;
}

/// Values that conversions and comparisons treat apart, among random ones.
std::vector<double> with_special_values(std::vector<double> values) {
  const double special[] = {nan,     infinity, -infinity, -0.0,           0x1p-1074,
                            0x1p62,  -0x1p62,  1e300,     -1e300,         0x1p63,
                            -0x1p63, 0.5,      -2.5,      0x1p62 + 0x1p10};
  std::size_t place = 0;
  for (const double value : special) values.at(place += 5) = value;
  return values;
}

struct CutDeltas {
  std::vector<std::int8_t> slices;
  BiasSums sums;
};

CutDeltas cut(std::size_t slices, const std::vector<double>& to_whole) {
  const auto random = with_special_values(random_numbers(rows_of_tile * group_units, 4));
  const AlignedVector<double> deltas(random.begin(), random.end());
  const AlignedVector<double> scales(to_whole.begin(), to_whole.end());
  AlignedVector<std::int8_t> tiles(slices / 2 * tile_bytes);
  CutDeltas result;
  cut_deltas(deltas.data(), group_units, scales.data(), slices, tiles.data(), tile_bytes,
             result.sums);
  result.slices.assign(tiles.begin(), tiles.end());
  return result;
}

/// AMX, where it is usable, against the plain unit; elsewhere the latter against itself.
TEST(TileUnits, CutDeltasAlike) {
  for (const std::size_t slices : {4, 8})
    for (const std::vector<double>& to_whole :
         {std::vector<double>(8, 1.0), std::vector<double>(8, 0x1p62),
          std::vector<double>{nan, 0x1p61, 0x1p-900, 0x1p962, 0x1p62, 3, 0, 1}}) {
      const OnTileUnit plain_one(TileUnit::plain);
      const CutDeltas expected = cut(slices, to_whole);
      for (const TileUnit unit : tile_units()) {
        const OnTileUnit on(unit);
        const CutDeltas found = cut(slices, to_whole);
        EXPECT_EQ(found.slices, expected.slices) << name_of(unit);
        EXPECT_EQ(std::memcmp(&found.sums, &expected.sums, sizeof(BiasSums)), 0) << name_of(unit);
      }
    }
}

struct Layer {
  std::size_t inputs, units, rows;
  Precision precision;
};

/// All that the kernels compute, the inputs of which are finite or not.
struct Products {
  std::vector<double> Z;
  std::vector<std::int64_t> sums;
  std::vector<double> gradient;
};

Products products_of(const Layer& layer, bool special) {
  const auto [inputs, units, rows, precision] = layer;
  const auto X = random_features<std::uint8_t>(rows * inputs, 5);
  auto parameters = random_numbers(units * (1 + inputs), 6);
  auto delta = random_numbers(rows * units, 7);
  if (special) {
    parameters = with_special_values(parameters);
    delta = with_special_values(delta);
  }
  Products products;
  SlicedWeights weights(units, inputs, precision);
  weights.pack(parameters, 1 / 255.0);
  products.Z.resize(rows * units);
  byte_forward(X, rows, weights, products.Z);
  ByteGradientSums sums(units, inputs, precision);
  sums.start(std::vector(units, 1.0));
  TransposedFeatures features(rows, inputs);
  for (std::size_t block = 0; block < features.blocks(); ++block) features.transpose(X, block);
  sums.add(X, nullptr, 0, rows, delta);
  sums.add(X, &features, 0, rows, delta);
  sums.finish();
  products.sums.assign(sums.flat().begin(), sums.flat().end());
  products.gradient.resize(units * (1 + inputs));
  sums.round_to(products.gradient, 1 / 255.0);
  return products;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

TEST(TileUnits, MultiplyAlike) {
  for (const Precision precision : {Precision::float64, Precision::mixed})
    for (const auto& [inputs, units, rows] :
         {std::array<std::size_t, 3>{9, 8, 40}, {64, 16, 96}, {131, 3, 530}, {1030, 9, 33}})
      for (const bool special : {false, true}) {
        const Layer layer{inputs, units, rows, precision};
        const OnTileUnit plain_one(TileUnit::plain);
        const Products expected = products_of(layer, special);
        for (const TileUnit unit : tile_units()) {
          const OnTileUnit on(unit);
          const Products found = products_of(layer, special);
          EXPECT_TRUE(same_bits(found.Z, expected.Z)) << name_of(unit) << ", " << inputs;
          EXPECT_EQ(found.sums, expected.sums) << name_of(unit) << ", " << inputs;
          EXPECT_TRUE(same_bits(found.gradient, expected.gradient))
              << name_of(unit) << ", " << inputs;
        }
      }
}

TEST(TileUnits, PreferAmx) {
  choose_tile_unit(TileUnit::amx);
  EXPECT_EQ(tile_unit(), tile_units().back());
}

}  // namespace
}  // namespace annmpi::tests
