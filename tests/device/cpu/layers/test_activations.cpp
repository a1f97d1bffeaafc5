#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/layers/activations.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

using config::Activation;
using namespace device::cpu::kernels;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::array activations{Activation::sigmoid, Activation::tanh, Activation::relu};

TEST(Activation, FollowsItsFormula) {
  const std::vector<double> points{-1e3, -40, -1.5, -0.0, 0.0, 0.5, 3, 40, 1e3};
  std::vector<double> sigmoid_values(points), tanh_values(points), relu_values(points);
  activate<double>(Activation::sigmoid, sigmoid_values);
  activate<double>(Activation::tanh, tanh_values);
  activate<double>(Activation::relu, relu_values);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const long double z = points[i];
    // One to three roundings, of values up to 1.
    EXPECT_NEAR(sigmoid_values[i], static_cast<double>(1 / (1 + std::exp(-z))), 2 * epsilon);
    EXPECT_NEAR(tanh_values[i], static_cast<double>(std::tanh(z)), 2 * epsilon);
    EXPECT_EQ(relu_values[i], std::max(points[i], 0.0));
  }
}

TEST(Activation, ComputesItsDerivativeFromItsValue) {
  for (const Activation activation : activations)
    for (const double z : {-3.0, -0.5, 0.25, 2.0}) {
      constexpr double h = 1e-5;
      std::array values{z - h, z, z + h};
      activate<double>(activation, values);
      std::array factor{-2.0};
      multiply_by_derivative<double>(activation, std::span(values).subspan(1, 1), factor);
      // Central differences: h^2 / 6 times a third derivative of at most 2, and 2 eps / 2h.
      EXPECT_NEAR(factor[0] / -2.0, (values[2] - values[0]) / (2 * h), 1e-10);
    }
}

TEST(Activation, HasDerivativeZeroAtTheKinkOfRelu) {
  std::array factor{3.0};
  multiply_by_derivative<double>(Activation::relu, std::array{0.0}, factor);
  EXPECT_EQ(factor[0], 0.0);
}

TEST(Activation, KeepsNaN) {
  for (const Activation activation : activations) {
    std::array value{not_a_number};
    activate<double>(activation, value);
    EXPECT_TRUE(std::isnan(value[0]));
  }
}

TEST(Activation, AlongADirectionHasTheValueAndItsTangent) {
  for (const Activation activation : activations)
    for (const std::size_t count : {0, 1, 7, 8, 9, 25, 64, 97}) {
      const std::vector<double> Z = random_numbers(count, 51);
      const std::vector<double> D = random_numbers(count, 52);
      constexpr double step = 0.3;
      std::vector<double> z(count), values(count), along(count), tangents(count), expected(D);
      for (std::size_t i = 0; i < count; ++i) z[i] = std::fma(step, D[i], Z[i]);
      activate<double>(activation, z);
      multiply_by_derivative<double>(activation, z, expected);
      activate_at<double>(activation, Z, D, step, values);
      activate_along<double>(activation, Z, D, step, along, tangents);
      EXPECT_EQ(values, z);
      EXPECT_EQ(along, z);
      EXPECT_EQ(tangents, expected);
      activate_at<double>(activation, Z, {}, step, values);
      activate_at<double>(activation, Z, std::vector<double>(count), step, along);
      EXPECT_EQ(values, along);
    }
}

TEST(Activation, SameBitsOnEverySimdTarget) {
  for (const Activation activation : activations) {
    const std::vector<double> Z = random_numbers(61, 53);
    const std::vector<double> D = random_numbers(61, 54);
    std::vector<double> values(61), tangents(61), best_values(61), best_tangents(61);
    activate_along<double>(activation, Z, D, 0.7, best_values, best_tangents);
    for_each_simd_target([&](const char* name) {
      activate_along<double>(activation, Z, D, 0.7, values, tangents);
      ASSERT_EQ(values, best_values) << name;
      ASSERT_EQ(tangents, best_tangents) << name;
    });
  }
}

}  // namespace
}  // namespace annmpi::tests
