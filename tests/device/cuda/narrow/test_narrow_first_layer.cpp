#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "device/cuda/device_memory.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/narrow/narrow_products.hpp"
#include "support/layer_data.hpp"

// The narrow first layer on a GPU, for features of all types, compared with sums in long double and
// with the implementation by cuBLAS on converted tiles.
namespace annmpi::tests {
namespace {

/// Maximum rows for which blocks are small.
constexpr long long all = 1 << 20;
constexpr long long none = 0;

struct Shape {
  std::size_t inputs, units, rows;

  [[nodiscard]] std::string name() const {
    return std::to_string(inputs) + " inputs, " + std::to_string(units) + " units, " +
           std::to_string(rows) + " rows";
  }
};

/// Blocks of rows, columns and units that are full, partial, and of size one.
const std::vector<Shape> shapes{{1, 1, 1},   {5, 3, 37},    {16, 8, 32},   {33, 9, 65},
                                {70, 32, 4}, {130, 33, 40}, {270, 5, 290}, {33, 64, 300}};

/// Features in device memory: rows padded with zeros to a multiple of 16 bytes.
template <class Element>
struct OnGpu {
  OnGpu(const std::vector<Element>& X, std::size_t columns) : columns_(columns) {
    constexpr std::size_t piece = 16 / sizeof(Element);
    stride_ = (columns + piece - 1) / piece * piece;
    rows_ = X.size() / columns;
    std::vector<Element> padded(rows_ * stride_);
    for (std::size_t i = 0; i < rows_; ++i)
      std::copy_n(X.begin() + static_cast<std::ptrdiff_t>(i * columns), columns,
                  padded.begin() + static_cast<std::ptrdiff_t>(i * stride_));
    memory_ = on_device(padded);
  }
  [[nodiscard]] device::cuda::FeatureMatrix<Element> rows() const {
    return {memory_.data(), static_cast<long long>(rows_), static_cast<int>(columns_),
            static_cast<int>(stride_)};
  }
  [[nodiscard]] device::cuda::Features features(long long chunk_rows) const {
    return {io::element_type_of<Element>,  memory_.data(),
            static_cast<long long>(rows_), static_cast<int>(columns_),
            static_cast<int>(stride_),     chunk_rows};
  }

 private:
  std::size_t columns_, stride_, rows_;
  device::cuda::DeviceBuffer<Element> memory_;
};

template <class Element>
std::vector<double> forward(const std::vector<double>& parameters, const std::vector<Element>& X,
                            std::size_t units, double scale, long long few_rows) {
  const device::cuda::Stream stream;
  const std::size_t columns = parameters.size() / units - 1;
  const auto theta = on_device(parameters);
  const OnGpu<Element> rows(X, columns);
  const device::cuda::DeviceBuffer<double> Z(X.size() / columns * units);
  device::cuda::start_narrow_forward<Element>({rows.rows(), Z.data()}, {}, theta.data(), scale,
                                              static_cast<int>(units), few_rows, stream);
  return on_host(Z.data(), Z.size(), stream);
}

/// A sum of n products in any order is accurate to n roundings of the sum of its magnitudes
/// (Higham 2002, section 3.1).
void expect_chain(double given, long double exact, long double terms, std::size_t n) {
  ASSERT_LE(std::abs(given - exact), static_cast<long double>(n + 3) * rounding64 * terms);
}

template <class Element>
void expect_forward(const Shape& shape) {
  SCOPED_TRACE(shape.name() + ", elements of " + std::to_string(sizeof(Element)));
  constexpr double scale = 0.3;
  const auto X = random_features<Element>(shape.rows * shape.inputs, 21);
  const auto parameters = random_numbers(shape.units * (1 + shape.inputs), 22);
  const auto Z = forward(parameters, X, shape.units, scale, all);
  for (std::size_t i = 0; i < shape.rows; ++i)
    for (std::size_t j = 0; j < shape.units; ++j) {
      const double* const row = parameters.data() + j * (1 + shape.inputs);
      long double sum = row[0], terms = std::abs(row[0]);
      for (std::size_t c = 0; c < shape.inputs; ++c) {
        const long double term =
            static_cast<long double>(X[i * shape.inputs + c]) * row[1 + c] * scale;
        sum += term;
        terms += std::abs(term);
      }
      expect_chain(Z[i * shape.units + j], sum, terms, shape.inputs);
    }
  EXPECT_EQ(forward(parameters, X, shape.units, scale, none), Z);  // the same bits
}

TEST(NarrowFirstLayer, ComputesPreActivations) {
  for (const Shape& shape : shapes) {
#define ANNMPI_EXPECT(name, Element) expect_forward<Element>(shape);
    ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_EXPECT)
#undef ANNMPI_EXPECT
  }
}

TEST(NarrowFirstLayer, GivesTheSameBitsForTwoSetsAtOnce) {
  constexpr std::size_t inputs = 21, units = 5;
  const auto parameters = random_numbers(units * (1 + inputs), 23);
  const auto X = random_features<float>(300 * inputs, 24);
  const auto theta = on_device(parameters);
  for (const std::size_t rows : {0, 1, 70, 300})
    for (const long long few_rows : {none, all}) {
      const auto part = [&](std::size_t first, std::size_t end) {
        return std::vector(X.begin() + static_cast<std::ptrdiff_t>(first * inputs),
                           X.begin() + static_cast<std::ptrdiff_t>(end * inputs));
      };
      const device::cuda::Stream stream;
      const OnGpu<float> one(part(0, rows), inputs), other(part(rows, 300), inputs);
      const device::cuda::DeviceBuffer<double> Z(300 * units);
      device::cuda::start_narrow_forward<float>({one.rows(), Z.data()},
                                                {other.rows(), Z.data() + rows * units},
                                                theta.data(), 1, units, few_rows, stream);
      EXPECT_EQ(on_host(Z.data(), Z.size(), stream), forward(parameters, X, units, 1, all));
    }
}

TEST(NarrowFirstLayer, AcceptsSetsOfDifferentTypes) {
  constexpr std::size_t inputs = 21, units = 5, rows = 30;
  const auto parameters = random_numbers(units * (1 + inputs), 23);
  const auto bytes = random_features<std::uint8_t>(rows * inputs, 24);
  const auto floats = random_features<float>(rows * inputs, 25);
  const device::cuda::Stream stream;
  const auto layer = device::cuda::make_narrow_first_layer({units, inputs}, rows, stream);
  const auto theta = on_device(parameters);
  const OnGpu<std::uint8_t> one(bytes, inputs);
  const OnGpu<float> other(floats, inputs);
  const device::cuda::DeviceBuffer<double> Z(rows * units), other_Z(rows * units);
  layer->prepare(theta.data(), 0.5);
  layer->forward(one.features(10), Z.data(), other.features(10), other_Z.data());
  EXPECT_EQ(on_host(Z.data(), Z.size(), stream), forward(parameters, bytes, units, 0.5, all));
  EXPECT_EQ(on_host(other_Z.data(), Z.size(), stream),
            forward(parameters, floats, units, 0.5, all));
}

/// The exact sums of the partial sums of a gradient.
struct Sums {
  std::vector<double> highs, lows;
  bool operator==(const Sums&) const = default;
};

struct NarrowGradient {
  Shape shape;
  long long chunk_rows = 100;
  long long partial_rows = 40;
  double largest_feature = 255;

  [[nodiscard]] network::UnitSplit split() const {
    const double rows = static_cast<double>(partial_rows);
    return {exact_sum::make_split(rows, 1000), exact_sum::make_split(rows * largest_feature, 1000)};
  }

  /// Gradient of rows added in several calls, which end at these rows and at the last one.
  template <class Element>
  [[nodiscard]] Sums of(const std::vector<Element>& X, const std::vector<double>& delta,
                        long long few_rows, const std::vector<std::size_t>& ends = {}) const {
    const device::cuda::Stream stream;
    const std::size_t size = shape.units * (1 + shape.inputs);
    const auto splits = on_device(std::vector(shape.units, split()));
    device::cuda::DeviceBuffer<double> parts(2 * size);
    parts.clear(stream);
    std::size_t first = 0;
    const auto add_until = [&](std::size_t end) {
      const auto part = [&](const auto& of, std::size_t width) {
        return std::vector(of.begin() + static_cast<std::ptrdiff_t>(first * width),
                           of.begin() + static_cast<std::ptrdiff_t>(end * width));
      };
      const OnGpu<Element> rows(part(X, shape.inputs), shape.inputs);
      const auto deltas = on_device(part(delta, shape.units));
      device::cuda::start_narrow_backward<Element>(
          rows.rows(),
          {chunk_rows, partial_rows, deltas.data(), static_cast<int>(shape.units), splits.data(),
           parts.data(), parts.data() + size},
          few_rows, stream);
      device::cuda::wait_for(stream);
      first = end;
    };
    for (const std::size_t end : ends) add_until(end);
    add_until(shape.rows);
    return {on_host(parts.data(), size, stream), on_host(parts.data() + size, size, stream)};
  }
};

template <class Element>
void expect_gradient(const Shape& shape) {
  SCOPED_TRACE(shape.name() + ", elements of " + std::to_string(sizeof(Element)));
  const auto X = random_features<Element>(shape.rows * shape.inputs, 25);
  const auto delta = random_numbers(shape.rows * shape.units, 26);
  const NarrowGradient gradient{shape};
  const Sums sums = gradient.of(X, delta, all);
  for (std::size_t j = 0; j < shape.units; ++j)
    for (std::size_t c = 0; c <= shape.inputs; ++c) {
      long double sum = 0, terms = 0;
      for (std::size_t i = 0; i < shape.rows; ++i) {
        const long double x = c == 0 ? 1 : static_cast<long double>(X[i * shape.inputs + c - 1]);
        sum += delta[i * shape.units + j] * x;
        terms += std::abs(delta[i * shape.units + j] * x);
      }
      const std::size_t at = j * (1 + shape.inputs) + c;
      expect_chain(sums.highs[at] + sums.lows[at], sum, terms, 40);
    }
  EXPECT_EQ(gradient.of(X, delta, none), sums);
}

TEST(NarrowFirstLayer, SumsTheGradient) {
  for (const Shape& shape : shapes) {
#define ANNMPI_EXPECT(name, Element) expect_gradient<Element>(shape);
    ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_EXPECT)
#undef ANNMPI_EXPECT
  }
}

TEST(NarrowFirstLayer, GivesTheSameSumsForAnyDistributionOfChunks) {
  const NarrowGradient gradient{{33, 9, 730}};
  const auto X = random_features<double>(730 * 33, 27);
  const auto delta = random_numbers(730 * 9, 28);
  const Sums together = gradient.of(X, delta, none);
  for (const std::vector<std::size_t>& ends :
       {std::vector<std::size_t>{100}, {0, 300, 700}, {100, 200, 300, 400, 500, 600, 700}})
    EXPECT_EQ(gradient.of(X, delta, ends.size() % 2 == 0 ? none : all, ends), together);
}

/// Columns of very different magnitude: errors are relative to the terms of their column.
TEST(NarrowFirstLayer, IsAccurateForColumnsOfDifferentScales) {
  constexpr std::size_t inputs = 12, units = 3, rows = 50;
  auto X = random_features<double>(rows * inputs, 29);
  for (std::size_t i = 0; i < X.size(); ++i)
    X[i] = std::ldexp(X[i], 40 * (static_cast<int>(i % inputs) - 6));
  const auto delta = random_numbers(rows * units, 30);
  NarrowGradient gradient{{inputs, units, rows}};
  gradient.largest_feature = std::ldexp(16.0, 40 * 5);
  // Truncation of exact sums, relative to the largest feature: N^3 B 2^-104 (base/exact_sum.hpp).
  const double dropped = std::ldexp(gradient.largest_feature * 64, 30 - 104);
  const Sums sums = gradient.of(X, delta, all);
  for (std::size_t j = 0; j < units; ++j)
    for (std::size_t c = 0; c < inputs; ++c) {
      long double sum = 0, terms = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        const long double term = static_cast<long double>(X[i * inputs + c]) * delta[i * units + j];
        sum += term;
        terms += std::abs(term);
      }
      const std::size_t at = j * (1 + inputs) + 1 + c;
      ASSERT_LE(std::abs(sums.highs[at] + sums.lows[at] - sum), 43 * rounding64 * terms + dropped);
    }
}

TEST(NarrowFirstLayer, PropagatesNanAndInfinity) {
  constexpr std::size_t inputs = 6, units = 3, rows = 50;
  for (const double none_or_infinite : {nan, std::numeric_limits<double>::infinity()}) {
    auto X = random_features<float>(rows * inputs, 31);
    const auto parameters = random_numbers(units * (1 + inputs), 32);
    auto delta = random_numbers(rows * units, 33);
    X[17 * inputs + 4] = static_cast<float>(none_or_infinite);
    delta[20 * units + 1] = none_or_infinite;
    const auto Z = forward(parameters, X, units, 1, all);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < units; ++j)
        EXPECT_EQ(std::isfinite(Z[i * units + j]), i != 17) << i << " " << j;
    const Sums sums = NarrowGradient{{inputs, units, rows}}.of(X, delta, all);
    for (std::size_t j = 0; j < units; ++j)
      for (std::size_t c = 0; c <= inputs; ++c) {
        const std::size_t at = j * (1 + inputs) + c;
        EXPECT_EQ(std::isnan(sums.highs[at] + sums.lows[at]), j == 1 || c == 1 + 4)
            << j << " " << c;
      }
  }
}

/// Pre-activations and gradient of an implementation.
struct Result {
  std::vector<double> Z, gradient;
};
template <class Element>
Result result_of(device::cuda::FirstLayer& layer, const OnGpu<Element>& X, const Shape& shape,
                 cudaStream_t stream) {
  const auto theta = on_device(random_numbers(shape.units * (1 + shape.inputs), 34));
  const auto delta = on_device(random_numbers(shape.rows * shape.units, 35));
  constexpr long long chunk_rows = 600;
  const double rows = static_cast<double>(layer.partial_rows(chunk_rows));
  const double slack = layer.sums_in_floats() ? 1 + rows * 0x1p-22 : 1;
  const auto splits = on_device(
      std::vector(shape.units, network::UnitSplit{exact_sum::make_split(rows, 8),
                                                  exact_sum::make_split(16 * rows * slack, 8)}));
  const device::cuda::DeviceBuffer<double> Z(shape.rows * shape.units);
  layer.prepare(theta.data(), 1);
  layer.forward(X.features(chunk_rows), Z.data());
  layer.start(splits.data());
  layer.add(X.features(chunk_rows), delta.data());
  const auto parts = on_host(layer.double_sums().data(), layer.double_sums().size(), stream);
  Result result{on_host(Z.data(), Z.size(), stream), {}};
  for (std::size_t i = 0; i < parts.size() / 2; ++i)
    result.gradient.push_back(parts[i] + parts[i + parts.size() / 2]);
  return result;
}

double farthest(const std::vector<double>& given, const std::vector<double>& expected) {
  double most = 0, largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    most = std::max(most, std::abs(given[i] - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  return most / largest;
}

template <class Element>
void expect_both_alike() {
  const Shape shape{45, 11,
                    1300};  // partial sums and tiles that end inside and at the end of chunks
  const device::cuda::Stream stream;
  const device::cuda::Blas blas(stream);
  const OnGpu<Element> X(random_features<Element>(shape.rows * shape.inputs, 36), shape.inputs);
  const device::cuda::FirstLayerShape its{static_cast<int>(shape.units),
                                          static_cast<int>(shape.inputs)};
  const auto narrow = device::cuda::make_narrow_first_layer(its, shape.rows, stream);
  const Result given = result_of(*narrow, X, shape, stream);
  for (const bool floats : {false, true}) {
    const auto converting = device::cuda::make_converting_first_layer(its, floats, blas, stream);
    const Result expected = result_of(*converting, X, shape, stream);
    // Chains of at most 600 products, whose sum is not small compared with the largest term.
    const double accuracy = floats && !std::is_same_v<Element, double> ? 1e-5
                            : floats                                   ? 1e-4
                                                                       : 1e-13;
    EXPECT_LE(farthest(given.Z, expected.Z), accuracy);
    EXPECT_LE(farthest(given.gradient, expected.gradient), accuracy);
  }
}

TEST(NarrowFirstLayer, AgreesWithConvertedTiles) {
  expect_both_alike<float>();
  expect_both_alike<double>();
}

TEST(NarrowFirstLayer, GivesZerosForNoRows) {
  EXPECT_TRUE(forward<float>({1, 2}, {}, 1, 1, all).empty());
  const Sums sums = NarrowGradient{{1, 1, 0}}.of<float>({}, {}, none);
  EXPECT_EQ(sums, (Sums{{0, 0}, {0, 0}}));
}

}  // namespace
}  // namespace annmpi::tests
