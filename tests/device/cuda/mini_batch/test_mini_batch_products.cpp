#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "device/cuda/device_memory.hpp"
#include "device/cuda/mini_batch/layers.hpp"
#include "device/cuda/mini_batch/parameters.hpp"
#include "device/cuda/rows/rows.hpp"

// Products of batches with layers, compared with long double, for shapes of partial tiles.
namespace annmpi::tests {
namespace {

using namespace device::cuda::mini_batch;
using device::cuda::DeviceBuffer;

/// |error| <= relative_error sum |x w|. Three bfloat16s are a float. Products of two floats omit
/// terms below 2^-23 of them, and tensor cores may truncate sums instead of rounding, once for each
/// of the six products of 16 numbers: 2^-23 of the sum. The emulation rounds, so it shows the
/// omitted terms.
template <class Traits>
constexpr double relative_error = sizeof(typename Traits::Real) == 4 ? 0x1p-19 : 0x1p-48;

/// z = scale x W^T + b, with the conversions of features and parameters to operands.
template <class Traits, class Feature>
void expect_products(int rows, int units, int inputs, double scale) {
  using Real = typename Traits::Real;
  using Stored = typename Traits::Stored;
  std::mt19937 random(static_cast<unsigned>(rows + 1000 * units + inputs));
  std::uniform_real_distribution<double> between(-1, 1);
  // Rows of features are aligned to 16 bytes.
  const std::size_t stride = (static_cast<std::size_t>(inputs) * sizeof(Feature) + 15) / 16 * 16;
  std::vector<std::byte> X(stride * static_cast<std::size_t>(rows));
  const auto feature = [&](int row, int column) {
    return reinterpret_cast<Feature*>(X.data() + static_cast<std::size_t>(row) * stride) + column;
  };
  for (int i = 0; i < rows; ++i)
    for (int c = 0; c < inputs; ++c)
      *feature(i, c) = static_cast<Feature>(
          std::is_integral_v<Feature>
              ? static_cast<double>(std::numeric_limits<Feature>::max()) / 2 * (1 + between(random))
              : between(random));
  std::vector<double> theta(static_cast<std::size_t>(units) * static_cast<std::size_t>(inputs + 1));
  for (double& value : theta) value = static_cast<double>(static_cast<Real>(between(random)));

  const device::cuda::Stream stream;
  const int pitch = padded(inputs);
  const LayerPlace layer{inputs, units, pitch, 0, static_cast<long long>(units) * pitch, 0};
  const auto count = static_cast<std::size_t>(layer.biases + padded(units));
  DeviceBuffer<Real> values(count);
  DeviceBuffer<Stored> operands(count * Traits::planes);
  values.clear(stream);
  operands.clear(stream);
  const auto there = on_device(theta);
  take_layer<Traits>(
      there.data(), layer,
      {values.data(), nullptr, nullptr, operands.data(), static_cast<long long>(count)}, stream);
  const auto X_there = on_device(X);
  const auto labels = on_device(std::vector<int>(static_cast<std::size_t>(rows)));
  constexpr io::ElementType type = io::element_type_of<Feature>;
  const int x_pitch = padded(inputs + 1);
  const int x_planes = planes_of_features<Traits>(type);
  DeviceBuffer<Stored> x(static_cast<std::size_t>(x_planes * rows * x_pitch));
  DeviceBuffer<int> taken(static_cast<std::size_t>(rows));
  const Planes<Stored> planes{x.data(), static_cast<long long>(rows) * x_pitch, x_pitch};
  take_rows<Traits>(
      as_they_lie({type, X_there.data(), static_cast<long long>(stride), labels.data(), 1}, 0,
                  rows),
      {planes, taken.data(), inputs, scale}, {{}, nullptr, nullptr}, stream);
  DeviceBuffer<Real> z(static_cast<std::size_t>(rows * units));
  const auto of_products = static_cast<Real>(device::cuda::fits_bfloat16(type) ? scale : 1);
  start_logits<Traits>(planes.operand(), x_planes,
                       {operands.data(), static_cast<long long>(count), pitch}, layer, 0, rows,
                       {of_products, values.data() + layer.biases, z.data(), units}, stream);
  const std::vector<Real> found = on_host(z.data(), z.size(), stream);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < units; ++j) {
      const double* const row = theta.data() + static_cast<std::ptrdiff_t>(j) * (inputs + 1);
      long double sum = row[0], size = std::abs(row[0]);
      for (int c = 0; c < inputs; ++c) {
        const long double product =
            static_cast<long double>(*feature(i, c)) * static_cast<long double>(scale) * row[c + 1];
        sum += product;
        size += std::abs(product);
      }
      const auto error =
          std::abs(static_cast<long double>(found[static_cast<std::size_t>(i * units + j)]) - sum);
      ASSERT_LE(static_cast<double>(error), relative_error<Traits> * static_cast<double>(size))
          << rows << " rows, " << units << " units, " << inputs << " inputs: " << i << ", " << j;
    }
}

template <class Feature>
void expect_products_of(double scale) {
  for (const int rows : {1, 63, 65})
    for (const int units : {1, 17, 66}) {
      for (const int inputs : {1, 15, 33}) {
        expect_products<Mixed, Feature>(rows, units, inputs, scale);
        expect_products<Float64, Feature>(rows, units, inputs, scale);
      }
    }
  expect_products<Mixed, Feature>(10, 9, 785, scale);
  expect_products<Float64, Feature>(10, 9, 785, scale);
}

TEST(BatchProducts, OfBytesAgreeWithLongDouble) {
  expect_products_of<std::uint8_t>(1.0 / 255);
}
TEST(BatchProducts, OfNumbersOf16BitsAgreeWithLongDouble) {
  expect_products_of<std::uint16_t>(1.0 / 65535);
}
TEST(BatchProducts, OfHalvesAgreeWithLongDouble) {
  expect_products_of<Half>(0.25);
}
TEST(BatchProducts, OfFloatsAgreeWithLongDouble) {
  expect_products_of<float>(0.25);
}
TEST(BatchProducts, OfDoublesAgreeWithLongDouble) {
  expect_products_of<double>(1);
}

}  // namespace
}  // namespace annmpi::tests
