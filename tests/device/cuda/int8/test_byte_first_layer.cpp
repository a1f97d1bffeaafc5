#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/byte_slices.hpp"

#include "device/cpu/int8/byte_backward.hpp"
#include "device/cpu/int8/byte_forward.hpp"
#include "device/cpu/int8/tile_units.hpp"
#include "device/cuda/device_memory.hpp"
#include "device/cuda/layers/finish.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/layers/layer_table.hpp"
#include "support/layer_data.hpp"
#include "support/whole_slices.hpp"

// The first layer over bytes on a GPU, compared bit for bit with sums in 128-bit integers, as on
// the CPU (tests/device/cpu/int8/test_byte_products.cpp).
namespace annmpi::tests {
namespace {

using device::cuda::make_byte_first_layer;

constexpr double feature_scale = 1 / 255.0;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Maximum rows for which warps share accumulators.
constexpr long long usual = 1 << 20;
constexpr long long never = 0;

struct BytesShape {
  std::size_t inputs, units, rows;
};

Wide whole(double value, double bound, int count) {
  return tests::whole(value, bound, static_cast<std::size_t>(count));
}
double from_whole(Wide sum, double bound, int count) {
  return tests::from_whole(sum, bound, static_cast<std::size_t>(count));
}

std::vector<double> forward(const std::vector<double>& parameters,
                            const std::vector<std::uint8_t>& X, const BytesShape& shape, int count,
                            double scale, long long few_rows = usual) {
  const device::cuda::Stream stream;
  const auto layer = make_byte_first_layer(
      {static_cast<int>(shape.units), static_cast<int>(shape.inputs)}, count, stream, few_rows);
  const auto theta = on_device(parameters);
  const DeviceBytes rows(X, shape.rows, shape.inputs);
  const device::cuda::DeviceBuffer<double> Z(shape.rows * shape.units);
  layer->prepare(theta.data(), scale);
  layer->forward(rows.features, Z.data());
  return on_host(Z.data(), Z.size(), stream);
}

void expect_exact_forward(const BytesShape& shape, int count, long long few_rows = usual) {
  const auto [inputs, units, rows] = shape;
  const auto X = random_features<std::uint8_t>(rows * inputs, 71);
  const auto parameters = random_numbers(units * (1 + inputs), 72);
  const auto Z = forward(parameters, X, shape, count, feature_scale, few_rows);
  for (std::size_t j = 0; j < units; ++j) {
    double bound = 0;
    for (std::size_t c = 0; c < inputs; ++c)
      bound = std::max(bound, std::abs(parameters[j * (1 + inputs) + 1 + c] * feature_scale));
    std::vector<Wide> q(inputs);
    for (std::size_t c = 0; c < inputs; ++c)
      q[c] = whole(parameters[j * (1 + inputs) + 1 + c] * feature_scale, bound, count);
    for (std::size_t i = 0; i < rows; ++i) {
      Wide sum = 0;
      for (std::size_t c = 0; c < inputs; ++c) sum += q[c] * X[i * inputs + c];
      ASSERT_EQ(Z[i * units + j], from_whole(sum, bound, count) + parameters[j * (1 + inputs)])
          << inputs << " inputs, unit " << j << " of " << units << ", row " << i << ", " << count
          << " slices";
    }
  }
}

TEST(ByteFirstLayer, RoundsTheExactSumOfARowOnce) {
  for (const int count : {8, 4})
    for (const std::size_t inputs : {1, 7, 64, 65, 784, 1023})
      for (const std::size_t units : {1, 3, 8, 25})
        for (const std::size_t rows : {1, 37}) expect_exact_forward({inputs, units, rows}, count);
  expect_exact_forward({4096, 9, 17}, 8);
  for (const int count : {8, 4}) expect_exact_forward({70, 9, 2145}, count);  // more than a wave
}

TEST(ByteFirstLayer, RoundsTheExactSumOfARowOnceInAnyWarpLayout) {
  for (const int count : {8, 4})
    for (const std::size_t inputs : {70, 200})
      for (const std::size_t units : {3, 8, 17, 40})
        for (const std::size_t rows : {1, 256, 300})
          expect_exact_forward({inputs, units, rows}, count, never);
}

TEST(ByteFirstLayer, AcceptsWeightsOfAnyMagnitude) {
  const SpecialWeights layer;
  layer.expect(
      forward(layer.parameters, layer.X, {layer.inputs, layer.units(), layer.rows}, 8, 1.0));
}

/// Gradients of rows added in several calls.
class Gradient {
 public:
  Gradient(std::size_t inputs, const std::vector<double>& bounds, int count,
           long long few_rows = usual)
      : inputs_(inputs),
        units_(bounds.size()),
        layer_(make_byte_first_layer({static_cast<int>(units_), static_cast<int>(inputs)}, count,
                                     stream_, few_rows)) {
    std::vector<byte_slices::Scale> scales;
    for (const double bound : bounds) scales.push_back(byte_slices::scale_for(bound, 8));
    layer_->start(nullptr);
    set(std::vector<std::int64_t>(layer_->integer_sums().size()));
    device::cuda::copy(scales.data(), layer_->slice_start().scales, units_, cudaMemcpyHostToDevice,
                       stream_);
    device::cuda::wait_for(stream_);
  }

  void add(std::span<const std::uint8_t> X, std::span<const double> delta) {
    const DeviceBytes rows({X.begin(), X.end()}, delta.size() / units_, inputs_);
    const auto on_gpu = on_device(std::vector<double>(delta.begin(), delta.end()));
    layer_->add(rows.features, on_gpu.data());
    device::cuda::wait_for(stream_);
  }

  [[nodiscard]] std::vector<std::int64_t> sums() const {
    return on_host(layer_->integer_sums().data(), layer_->integer_sums().size(), stream_);
  }
  void set(const std::vector<std::int64_t>& sums) {
    device::cuda::copy(sums.data(), layer_->integer_sums().data(), sums.size(),
                       cudaMemcpyHostToDevice, stream_);
    device::cuda::wait_for(stream_);
  }
  /// The gradient of a network of only this layer, without penalty. Resets the sums.
  [[nodiscard]] std::vector<double> rounded(double scale = 1) {
    const std::size_t size = units_ * (1 + inputs_);
    device::cuda::LayerTable table{1, static_cast<int>(units_), static_cast<long long>(size), {}};
    table.layers[0] = {static_cast<int>(inputs_), static_cast<int>(units_), 0, 0};
    const auto theta = on_device(std::vector<double>(size));
    const device::cuda::DeviceBuffer<double> gradient(size);
    layer_->finish({{}, table, {theta.data(), nullptr, 0}, 1, 0, gradient.data()}, scale);
    return on_host(gradient.data(), size, stream_);
  }

 private:
  device::cuda::Stream stream_;
  std::size_t inputs_;
  std::size_t units_;
  std::unique_ptr<device::cuda::FirstLayer> layer_;
};

void expect_exact_gradient(const BytesShape& shape, int count, long long few_rows = usual) {
  const auto [inputs, units, rows] = shape;
  const auto X = random_features<std::uint8_t>(rows * inputs, 73);
  const auto delta = random_numbers(rows * units, 74);
  Gradient sums(inputs, std::vector(units, 1.5), count, few_rows);
  sums.add(X, delta);
  const auto gradient = sums.rounded(feature_scale);
  for (std::size_t j = 0; j < units; ++j)
    for (std::size_t c = 0; c <= inputs; ++c) {
      const int its = c == 0 ? 8 : count;
      Wide sum = 0;
      for (std::size_t i = 0; i < rows; ++i)
        sum += whole(delta[i * units + j], 1.5, its) * (c == 0 ? 1 : X[i * inputs + c - 1]);
      ASSERT_EQ(gradient[j * (1 + inputs) + c],
                (c == 0 ? 1 : feature_scale) * from_whole(sum, 1.5, its))
          << inputs << " inputs, unit " << j << " of " << units << ", " << rows << " rows, column "
          << c << ", " << count << " slices";
    }
}

TEST(ByteFirstLayer, RoundsTheExactSumOverRowsOnce) {
  for (const int count : {8, 4})
    for (const std::size_t inputs : {1, 7, 65, 200, 1023})
      for (const std::size_t units : {1, 3, 8, 25})
        for (const std::size_t rows : {1, 37, 300})
          if (inputs * units * rows <= 300'000) expect_exact_gradient({inputs, units, rows}, count);
}

TEST(ByteFirstLayer, RoundsTheExactSumOverRowsOnceInAnyWarpLayout) {
  for (const int count : {8, 4})
    for (const std::size_t inputs : {70, 600})
      for (const std::size_t units : {3, 8, 17, 25})
        for (const std::size_t rows : {1, 33, 300})
          expect_exact_gradient({inputs, units, rows}, count, never);
}

TEST(ByteFirstLayer, GivesTheSameSumsForAnyDivisionOfRows) {
  constexpr std::size_t inputs = 100, units = 9, rows = 1500;
  const auto X = random_features<std::uint8_t>(rows * inputs, 77);
  const auto delta = random_numbers(rows * units, 78);
  const std::vector<double> bounds(units, 1.0);
  for (const int count : {8, 4}) {
    Gradient together(inputs, bounds, count);
    together.add(X, delta);
    Gradient apart(inputs, bounds, count);
    for (std::size_t first = 0; first < rows; first += 513) {
      const std::size_t some = std::min<std::size_t>(513, rows - first);
      apart.add(std::span(X).subspan(first * inputs, some * inputs),
                std::span(delta).subspan(first * units, some * units));
    }
    EXPECT_EQ(together.sums(), apart.sums());
  }
}

/// More rows of the largest values than 32-bit sums can hold, then as many ranks as 64 bits allow.
TEST(ByteFirstLayer, HoldsTheLargestSums) {
  constexpr std::size_t rows = 66'000;
  const std::vector<std::uint8_t> X(rows, 255);
  for (const int count : {8, 4})
    for (const double value : {-1.0, 1.0}) {
      Gradient sums(1, {1.0}, count);
      sums.add(X, std::vector<double>(rows, value));
      const auto sum_of = [&](std::int64_t x, int its, std::int64_t times) {
        return tests::from_whole(whole(value, 1.0, its) * static_cast<Wide>(rows) * x * times, 1.0,
                                 its);
      };
      auto all = sums.sums();
      EXPECT_EQ(sums.rounded(), (std::vector{sum_of(1, 8, 1), sum_of(255, count, 1)}));
      constexpr std::int64_t ranks = byte_slices::most_terms_of_words / rows;
      for (std::int64_t& sum : all) ASSERT_FALSE(__builtin_mul_overflow(sum, ranks, &sum));
      sums.set(all);
      EXPECT_EQ(sums.rounded(), (std::vector{sum_of(1, 8, ranks), sum_of(255, count, ranks)}));
    }
}

TEST(ByteFirstLayer, GivesNanIfABoundIsExceeded) {
  constexpr std::size_t units = 5, inputs = 3, rows = 10;
  const std::vector<std::uint8_t> X(rows * inputs, 1);
  std::vector<double> delta(rows * units, 0.5);
  delta[3 * units + 1] = nan;
  delta[9 * units + 2] = -5;  // exceeds the range of the slices
  Gradient sums(inputs, {1.0, 1.0, 1.0, infinity, nan}, 8);
  sums.add(X, delta);
  const auto gradient = sums.rounded();
  ASSERT_EQ(gradient.size(), units * (1 + inputs));
  expect_nan_but_in_first_unit(gradient, inputs, 5.0);
}

class ByteFirstLayerOnCpus : public OnEachTileUnit {};
ANNMPI_ON_EACH_TILE_UNIT(ByteFirstLayerOnCpus);

TEST_P(ByteFirstLayerOnCpus, GivesTheBitsOfGpus) {
  namespace kernels = device::cpu::kernels;
  constexpr std::size_t inputs = 130, units = 11, rows = 90;
  const auto X = random_features<std::uint8_t>(rows * inputs, 81);
  const auto parameters = random_numbers(units * (1 + inputs), 82);
  const auto delta = random_numbers(rows * units, 83);
  const std::vector<double> bounds(units, 1.1);
  for (const auto precision : {config::Precision::float64, config::Precision::mixed}) {
    const int count = precision == config::Precision::mixed ? 4 : 8;
    kernels::SlicedWeights weights(units, inputs, precision);
    weights.pack(parameters, feature_scale);
    std::vector<double> Z(rows * units);
    kernels::byte_forward(X, rows, weights, Z);
    EXPECT_EQ(forward(parameters, X, {inputs, units, rows}, count, feature_scale), Z);
    kernels::ByteGradientSums here(units, inputs, precision);
    here.start(bounds);
    here.add(X, nullptr, 0, rows, delta);
    here.finish();
    Gradient there(inputs, bounds, count);
    there.add(X, delta);
    EXPECT_TRUE(std::ranges::equal(there.sums(), here.flat()));  // GPU and CPU ranks can be summed
    std::vector<double> gradient(units * (1 + inputs));
    here.round_to(gradient, feature_scale);
    EXPECT_EQ(there.rounded(feature_scale), gradient);
  }
}

TEST(ByteFirstLayer, GivesZerosForNoRows) {
  EXPECT_TRUE(forward({1, 2}, {}, {1, 1, 0}, 8, 1.0).empty());
  Gradient sums(1, {1.0}, 8);
  sums.add({}, {});
  EXPECT_EQ(sums.rounded(), std::vector<double>(2, 0.0));
}

}  // namespace
}  // namespace annmpi::tests
