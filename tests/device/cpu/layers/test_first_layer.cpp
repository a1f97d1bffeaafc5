#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/int8/tile_units.hpp"
#include "device/cpu/layers/first_layer.hpp"
#include "support/samples.hpp"

// All first-layer implementations in both precisions, compared with long double.
namespace annmpi::device::cpu {
namespace {

using config::Precision;
using io::ElementType;
using tests::Samples;

using Make = std::unique_ptr<FirstLayer> (*)(const network::Layer&, const FirstLayerOptions&);

constexpr std::size_t chunk_rows = 16;
constexpr std::size_t chunks = 4;  // the last holds 5 rows
constexpr std::size_t rows = 3 * chunk_rows + 5;
constexpr std::size_t inputs = 37;
constexpr std::size_t units = 11;
const network::Layer layer{.inputs = inputs, .outputs = units, .offset = 0};

struct Kind {
  std::string name;
  Make make;
  FirstLayerOptions options;
  ElementType type;
  kernels::TileUnit unit = kernels::tile_unit();

  [[nodiscard]] bool mixed() const { return options.precision == config::Precision::mixed; }
  /// Unit roundoff of the number type of the products.
  [[nodiscard]] double rounding() const { return mixed() ? 0x1p-24 : 0x1p-53; }
};

std::vector<Kind> all_kinds() {
  std::vector<Kind> kinds;
  for (const auto& [name, make] : {std::pair<std::string, Make>{"narrow", make_narrow_first_layer},
                                   std::pair<std::string, Make>{"wide", make_wide_first_layer}})
    for (const config::Precision precision : {config::Precision::float64, config::Precision::mixed})
      for (const bool exact : {true, false})
        for (const auto type : {ElementType::uint8, ElementType::float32, ElementType::float64})
          kinds.push_back({name +
                               (precision == config::Precision::mixed ? ", mixed" : ", float64") +
                               (exact ? ", exact, " : ", plain, ") + std::string(io::name_of(type)),
                           make,
                           {precision, exact, precision == config::Precision::float64},
                           type});
  for (const kernels::TileUnit unit : tests::tile_units())
    for (const config::Precision precision : {config::Precision::float64, config::Precision::mixed})
      kinds.push_back({std::string("integers, ") +
                           (precision == config::Precision::mixed ? "mixed, " : "float64, ") +
                           tests::name_of(unit),
                       make_byte_first_layer,
                       {precision, true, precision == config::Precision::float64},
                       ElementType::uint8,
                       unit});
  return kinds;
}

std::vector<double> random_numbers(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> values(count);
  for (double& value : values) value = static_cast<double>(random()) / 2147483648.0 - 1;
  return values;
}

/// A layer of one kind, a shard, and a delta.
struct Case {
  explicit Case(const Kind& of_kind, int threads = 1)
      : on(of_kind.unit),
        kind(of_kind),
        samples(tests::random_samples(rows, inputs, 3, of_kind.type, 1)),
        shard(tests::shard_of(samples)),
        parameters(random_numbers(layer.size(), 2)),
        delta(random_numbers(rows * units, 3)),
        first_layer(of_kind.make(layer, of_kind.options)) {
    first_layer->reserve(threads, chunk_rows);
  }

  [[nodiscard]] static std::size_t rows_of(std::size_t chunk) {
    return std::min(chunk_rows, rows - chunk * chunk_rows);
  }

  /// Splits for |delta| <= 1, with a margin for rounding (first_layer.hpp).
  [[nodiscard]] std::vector<network::UnitSplit> splits() const {
    if (!kind.options.exact) return {};
    const double bound = chunk_rows * (1 + 0x1p-20) * (1 + chunk_rows * 0x1p-22);
    return std::vector(
        units, network::UnitSplit{exact_sum::make_split(bound, chunks),
                                  exact_sum::make_split(bound * largest_feature(shard), chunks),
                                  1 + 0x1p-20});
  }

  std::vector<double> forward() {
    std::vector<double> Z(rows * units);
    first_layer->prepare_forward(parameters, shard.feature_scale());
    for (std::size_t chunk = 0; chunk < chunks; ++chunk)
      first_layer->forward(
          0, {shard, chunk * chunk_rows, rows_of(chunk)},
          std::span(Z).subspan(chunk * chunk_rows * units, rows_of(chunk) * units));
    return Z;
  }

  /// The sums and the gradient after the threads have processed the chunks in this order.
  std::vector<double> sums(const std::vector<std::pair<int, std::size_t>>& work, int threads = 1,
                           const kernels::TransposedFeatures* transposed = nullptr) {
    first_layer->start_gradient(splits(), shard.feature_scale());
    for (const auto& [thread, chunk] : work)
      first_layer->add_gradient(
          thread, {shard, chunk * chunk_rows, rows_of(chunk), transposed},
          std::span(delta).subspan(chunk * chunk_rows * units, rows_of(chunk) * units));
    for (int thread = 0; thread < threads; ++thread) first_layer->finish_gradient(thread);
    std::vector<double> values, gradient(layer.size());
    const auto take = [&](auto all) { values.assign(all.begin(), all.end()); };
    first_layer->collect_gradient(SumOverRanks(take), gradient);
    values.insert(values.end(), gradient.begin(), gradient.end());
    return values;
  }

  tests::OnTileUnit on;
  Kind kind;
  Samples samples;
  data::HostBlock shard;
  std::vector<double> parameters;
  std::vector<double> delta;
  std::unique_ptr<FirstLayer> first_layer;
};

TEST(FirstLayer, ComputesPreActivations) {
  for (const Kind& kind : all_kinds()) {
    SCOPED_TRACE(kind.name);
    Case layer_case(kind);
    const std::vector<double> Z = layer_case.forward();
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < units; ++j) {
        const auto* row = &layer_case.parameters[j * layer.row_length()];
        long double sum = row[0];
        long double magnitude = std::abs(row[0]);
        for (std::size_t c = 0; c < inputs; ++c) {
          const long double product = static_cast<long double>(layer_case.samples.feature_scale) *
                                      row[1 + c] * layer_case.samples.values[i * inputs + c];
          sum += product;
          magnitude += std::abs(product);
        }
        // Roundings: of the scaled weight, possibly of the feature, and of each partial sum that
        // includes a product; doubled, for products.
        ASSERT_NEAR(Z[i * units + j], static_cast<double>(sum),
                    2 * (inputs + 4) * kind.rounding() * static_cast<double>(magnitude))
            << i << ", " << j;
      }
  }
}

TEST(FirstLayer, SumsTheGradient) {
  for (const Kind& kind : all_kinds()) {
    SCOPED_TRACE(kind.name);
    Case layer_case(kind);
    const std::vector<double> values = layer_case.sums({{0, 0}, {0, 1}, {0, 2}, {0, 3}});
    const auto* gradient = &values[values.size() - layer.size()];
    const double largest = largest_feature(layer_case.shard);
    for (std::size_t j = 0; j < units; ++j)
      for (std::size_t c = 0; c <= inputs; ++c) {
        const double scale = c == 0 ? 1 : layer_case.samples.feature_scale;
        long double sum = 0;
        long double magnitude = 0;
        for (std::size_t i = 0; i < rows; ++i) {
          const long double x = c == 0 ? 1.0L : layer_case.samples.values[i * inputs + c - 1];
          sum += scale * x * layer_case.delta[i * units + j];
          magnitude += std::abs(scale * x * layer_case.delta[i * units + j]);
        }
        const double tolerance = 2 * (chunk_rows + chunks + 4) *
                                 (c == 0 ? 0x1p-53 : kind.rounding()) *
                                 static_cast<double>(magnitude);
        // If only the high parts are kept, each chunk loses half a unit in their last place: less
        // than 8 N B 2^-53 (base/exact_sum.hpp).
        const double bound = 2.0 * chunk_rows * (c == 0 ? 1.0 : scale * largest);
        const double dropped =
            kind.options.exact && !kind.options.lows ? 8 * chunks * chunks * bound * 0x1p-53 : 0;
        ASSERT_NEAR(gradient[j * layer.row_length() + c], static_cast<double>(sum),
                    tolerance + dropped)
            << j << ", " << c;
      }
  }
}

TEST(FirstLayer, GivesTheSameExactSumsInAnyOrderOnAnyThreads) {
  for (const Kind& kind : all_kinds()) {
    if (!kind.options.exact) continue;
    SCOPED_TRACE(kind.name);
    const std::vector<double> alone = Case(kind).sums({{0, 0}, {0, 1}, {0, 2}, {0, 3}});
    EXPECT_EQ(Case(kind).sums({{0, 3}, {0, 1}, {0, 0}, {0, 2}}), alone);
    EXPECT_EQ(Case(kind, 3).sums({{0, 0}, {1, 2}, {2, 1}, {1, 3}}, 3), alone);
    EXPECT_EQ(Case(kind, 3).sums({{2, 3}, {2, 2}, {2, 1}, {2, 0}}, 3), alone);
  }
}

/// One level of sums halves the volume of the reduction over ranks.
TEST(FirstLayer, KeepsOneLevelOfSumsWithoutLows) {
  for (const Kind& kind : all_kinds()) {
    SCOPED_TRACE(kind.name);
    const std::size_t levels = kind.options.exact && kind.options.lows ? 2 : 1;
    Case layer_case(kind);
    // Narrow layers pad columns and units to multiples of 8.
    const std::size_t size = layer_case.sums({}).size() - layer.size();
    EXPECT_GE(size, levels * layer.size());
    EXPECT_LE(size, levels * (units * (inputs + 7) + units + 7));
  }
}

TEST(FirstLayer, AddsBiasesInDoublesInMixedPrecisionToo) {
  for (const Kind& kind : all_kinds()) {
    SCOPED_TRACE(kind.name);
    Case layer_case(kind);
    std::ranges::fill(layer_case.parameters, 0.0);
    for (std::size_t j = 0; j < units; ++j)
      layer_case.parameters[j * layer.row_length()] = 1.0 / (3 + static_cast<double>(j));
    const std::vector<double> Z = layer_case.forward();
    for (std::size_t i = 0; i < Z.size(); ++i)
      ASSERT_EQ(Z[i], 1.0 / (3 + static_cast<double>(i % units)));
  }
}

TEST(FirstLayer, IsNarrowWhereItsWeightsFitIntoTheCache) {
  const auto narrow = [](std::size_t columns, std::size_t width) {
    return is_narrow({.inputs = columns, .outputs = width, .offset = 0});
  };
  EXPECT_TRUE(narrow(1024, 8));
  EXPECT_TRUE(narrow(1024, 96));
  EXPECT_FALSE(narrow(784, 97));
  EXPECT_TRUE(narrow(4096, 24));
  EXPECT_FALSE(narrow(4096, 25));
  EXPECT_FALSE(narrow(std::size_t{1} << 62, 4));
}

}  // namespace
}  // namespace annmpi::device::cpu
