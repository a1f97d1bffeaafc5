#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/rules/activations-inl.hpp"

#include "device/cpu/layers/activations.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/activations.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

using namespace device::cpu::kernels;
using rules::Activation;

/// Arguments of every magnitude and near the places where the functions change.
template <class Real>
std::vector<Real> arguments() {
  std::vector<Real> z{0,    Real(-0.0), -200, 200,       Real(1e-30), Real(-1e-30), 1,
                      -1,   20,         -20,  Real(1e3), Real(-1e3),  88,           Real(0.999999),
                      1e30, Real(-1e30)};
  for (const double x : random_numbers(400, 51)) {
    z.push_back(static_cast<Real>(x));
    z.push_back(static_cast<Real>(12 * x));
  }
  return z;
}

/// act(z) and 0.5 act'(z).
template <class Real>
std::vector<Real> values_and_slopes(Activation activation, const std::vector<Real>& z) {
  std::vector<Real> a(z.size()), slopes(z.size(), Real(0.5));
  activate<Real>(activation, z, a);
  multiply_by_derivative<Real>(activation, z, a, slopes);
  a.insert(a.end(), slopes.begin(), slopes.end());
  return a;
}

template <class Real>
void expect_near_the_reference() {
  constexpr auto unit = static_cast<long double>(std::numeric_limits<Real>::epsilon());
  const std::vector<Real> z = arguments<Real>();
  for (const Activation activation : all_activations()) {
    SCOPED_TRACE(rules::activation_names.at(static_cast<std::size_t>(activation)));
    const std::vector<Real> both = values_and_slopes(activation, z);
    for (std::size_t i = 0; i < z.size(); ++i) {
      const long double value = reference_value(activation, z[i]);
      const long double slope = reference_derivative(activation, z[i]) / 2;
      const long double size = std::abs(static_cast<long double>(z[i]));
      // Some roundings, of values up to 1, or up to |z| where the function is of that size; slopes
      // up to 1 are sums and products of numbers with such errors.
      const long double tolerance = 4 * unit * std::max(std::abs(value), std::min(1.0L, size)) +
                                    std::numeric_limits<Real>::denorm_min();
      ASSERT_LE(std::abs(both[i] - value), tolerance) << z[i];
      ASSERT_LE(std::abs(both[z.size() + i] - slope), 4 * unit) << z[i];
    }
  }
}

TEST(Activation, IsNearTheReferenceInBothPrecisions) {
  expect_near_the_reference<double>();
  expect_near_the_reference<float>();
}

TEST(Activation, HasTheBoundsThatItStates) {
  for (const Activation activation : all_activations()) {
    SCOPED_TRACE(rules::activation_names.at(static_cast<std::size_t>(activation)));
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const double most : {1e-3, 0.5, 1.0, 3.0, 50.0, 1e6}) {
      double largest_value = 0, largest_derivative = 0;
      for (int i = -4000; i <= 4000; ++i) {
        const long double z = most * i / 4000.0L;
        largest_value =
            std::max(largest_value, static_cast<double>(std::abs(reference_value(activation, z))));
        largest_derivative = std::max(
            largest_derivative, static_cast<double>(std::abs(reference_derivative(activation, z))));
      }
      EXPECT_LE(largest_value, rules::largest_value(activation, most)) << most;
      EXPECT_LE(largest_derivative, rules::largest_derivative(activation, most)) << most;
      EXPECT_LE(rules::largest_derivative(activation, most),
                rules::largest_derivative(activation, infinity));
    }
    // Not so loose that exact sums would lose bits.
    EXPECT_LE(rules::largest_derivative(activation, infinity), 2);
    // A bound that depends on z passes NaN on; one that does not is finite.
    const double limit = rules::largest_value(activation, infinity);
    const double of_nan =
        rules::largest_value(activation, std::numeric_limits<double>::quiet_NaN());
    EXPECT_TRUE(std::isfinite(limit) ? of_nan == limit : std::isnan(of_nan));
  }
}

TEST(Activation, ReadsTheArgumentOnlyIfItSaysSo) {
  const std::vector<double> z = arguments<double>();
  for (const Activation activation : all_activations()) {
    std::vector<double> a(z.size()), slopes(z.size(), 0.5), without(slopes);
    activate<double>(activation, z, a);
    multiply_by_derivative<double>(activation, z, a, slopes);
    multiply_by_derivative<double>(activation, a, a, without);
    EXPECT_EQ(slopes != without, rules::needs_argument(activation));
  }
}

TEST(Activation, KeepsNaN) {
  for (const Activation activation : all_activations()) {
    std::array value{std::numeric_limits<double>::quiet_NaN()};
    activate<double>(activation, value, value);
    EXPECT_TRUE(std::isnan(value[0]));
    std::array single{std::numeric_limits<float>::quiet_NaN()};
    activate<float>(activation, single, single);
    EXPECT_TRUE(std::isnan(single[0]));
  }
}

TEST(Activation, AlongADirectionHasTheValueAndItsTangent) {
  for (const Activation activation : all_activations())
    for (const std::size_t count : {0, 1, 7, 8, 9, 25, 64, 97}) {
      const std::vector<double> Z = random_numbers(count, 51);
      const std::vector<double> D = random_numbers(count, 52);
      constexpr double step = 0.3;
      std::vector<double> z(count), a(count), values(count), along(count), tangents(count),
          arguments(count), expected(D);
      for (std::size_t i = 0; i < count; ++i) z[i] = std::fma(step, D[i], Z[i]);
      activate<double>(activation, z, a);
      multiply_by_derivative<double>(activation, z, a, expected);
      activate_at<double>(activation, Z, D, step, arguments, values);
      EXPECT_EQ(values, a);
      if (rules::needs_argument(activation)) {
        EXPECT_EQ(arguments, z);
      }
      std::ranges::fill(arguments, 0);
      activate_along<double>(activation, Z, D, step, arguments, along, tangents);
      EXPECT_EQ(along, a);
      EXPECT_EQ(tangents, expected);
      if (rules::needs_argument(activation)) {
        EXPECT_EQ(arguments, z);
      }
      activate_at<double>(activation, Z, {}, step, arguments, values);
      activate_at<double>(activation, Z, std::vector<double>(count), step, arguments, along);
      EXPECT_EQ(values, along);
    }
}

template <class Real>
void expect_the_same_bits_everywhere() {
  const std::vector<Real> z = arguments<Real>();
  for (const Activation activation : all_activations()) {
    // Single numbers, as on GPUs.
    std::vector<Real> single(2 * z.size());
    rules::scalar::with_activation(activation, [&](auto rule) {
      for (std::size_t i = 0; i < z.size(); ++i) {
        single[i] = rule.value(z[i]);
        single[z.size() + i] = rule.times_derivative(z[i], single[i], Real(0.5));
      }
    });
    for_each_simd_target(
        [&](const char* name) { ASSERT_EQ(values_and_slopes(activation, z), single) << name; });
  }
}

TEST(Activation, SameBitsOnEverySimdTargetAndAsSingleNumbers) {
  expect_the_same_bits_everywhere<double>();
  expect_the_same_bits_everywhere<float>();
}

}  // namespace
}  // namespace annmpi::tests
