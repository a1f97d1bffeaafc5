#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "model/cpu/activation.hpp"
#include "model/cpu/loss.hpp"
#include "support/reference_network.hpp"

namespace annmpi::model::cpu {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::array outputs{OutputUnit::sigmoid, OutputUnit::softmax};

/// Calls check(logits) for all triples of these values.
template <class Check>
void for_triples(const std::vector<double>& values, Check&& check) {
  for (const double first : values)
    for (const double second : values)
      for (const double third : values) check(std::array{first, second, third});
}

TEST(Loss, FollowsItsFormulaFromLogitsOfAnySize) {
  for (const OutputUnit output : outputs)
    for_triples({-1e3, -40, -1, -0.0, 0.25, 40, 1e3}, [&](const std::array<double, 3>& logits) {
      for (std::int32_t label = 0; label < 3; ++label) {
        std::array<double, 3> delta{};
        const double loss = loss_and_delta(output, logits, label, delta);
        const tests::Reals exact(logits.begin(), logits.end());
        const auto expected = tests::reference_loss(output, exact, label);
        // Terms as large as the logits are added and taken away: some roundings of the largest.
        const double largest =
            std::max({std::abs(logits[0]), std::abs(logits[1]), std::abs(logits[2]), 1.0});
        ASSERT_NEAR(loss, static_cast<double>(expected), 8 * epsilon * largest)
            << logits[0] << " " << logits[1] << " " << logits[2] << ", label " << label;
        ASSERT_GE(loss, -8 * epsilon * largest);
      }
    });
}

TEST(Loss, KnowsItsDerivativeAtLogitsOfAnySize) {
  for (const OutputUnit output : outputs)
    for_triples({-1e3, -40, -1, 0, 0.25, 40, 1e3}, [&](const std::array<double, 3>& logits) {
      for (std::int32_t label = 0; label < 3; ++label) {
        std::array<double, 3> delta{};
        (void)loss_and_delta(output, logits, label, delta);
        const tests::Reals exact(logits.begin(), logits.end());
        const auto expected = tests::reference_delta(output, exact, label);
        // Probabilities are at most 1 and some operations away from exact.
        for (std::size_t k = 0; k < 3; ++k)
          ASSERT_NEAR(delta[k], static_cast<double>(expected[k]), 4 * epsilon);
      }
    });
}

TEST(Loss, IsSmallWithoutBeingLostForConfidentLogisticUnits) {
  // A wrong class at -40 costs log(1 + e^-40), far below the rounding of 1.
  std::array<double, 2> delta{};
  const double loss = logistic_loss(std::array{1e3, -40.0}, 0, delta);
  EXPECT_NEAR(loss / 4.248354255291588995e-18, 1.0, 1e-15);
  EXPECT_NEAR(delta[1] / 4.248354255291588995e-18, 1.0, 1e-15);
}

TEST(Loss, ShowsLogitsThatAreNotFinite) {
  for (const OutputUnit output : outputs) {
    std::array<double, 2> delta{};
    for (std::int32_t label = 0; label < 2; ++label) {
      EXPECT_FALSE(
          std::isfinite(loss_and_delta(output, std::array{not_a_number, 1.0}, label, delta)));
      EXPECT_FALSE(
          std::isfinite(loss_and_delta(output, std::array{1.0, not_a_number}, label, delta)));
      EXPECT_FALSE(std::isfinite(loss_and_delta(output, std::array{infinity, 1.0}, label, delta)));
    }
  }
}

TEST(Activation, FollowsItsFormula) {
  const std::vector<double> points{-1e3, -40, -1.5, -0.0, 0.0, 0.5, 3, 40, 1e3};
  std::vector<double> sigmoid_values(points), tanh_values(points), relu_values(points);
  activate(Activation::sigmoid, sigmoid_values);
  activate(Activation::tanh, tanh_values);
  activate(Activation::relu, relu_values);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const long double z = points[i];
    // One to three roundings, of values up to 1.
    EXPECT_NEAR(sigmoid_values[i], static_cast<double>(1 / (1 + std::exp(-z))), 2 * epsilon);
    EXPECT_NEAR(tanh_values[i], static_cast<double>(std::tanh(z)), 2 * epsilon);
    EXPECT_EQ(relu_values[i], std::max(points[i], 0.0));
  }
}

TEST(Activation, KnowsItsDerivativeFromItsValue) {
  for (const Activation activation : {Activation::sigmoid, Activation::tanh, Activation::relu})
    for (const double z : {-3.0, -0.5, 0.25, 2.0}) {
      constexpr double h = 1e-5;
      std::array values{z - h, z, z + h};
      activate(activation, values);
      std::array factor{-2.0};
      multiply_by_derivative(activation, std::span(values).subspan(1, 1), factor);
      // Central differences: h^2 / 6 times a third derivative of at most 2, and 2 eps / 2h.
      EXPECT_NEAR(factor[0] / -2.0, (values[2] - values[0]) / (2 * h), 1e-10);
    }
}

TEST(Activation, TakesTheSlopeOfReluAtItsKinkAsZero) {
  std::array factor{3.0};
  multiply_by_derivative(Activation::relu, std::array{0.0}, factor);
  EXPECT_EQ(factor[0], 0.0);
}

TEST(Activation, KeepsWhatIsNotANumberVisible) {
  for (const Activation activation : {Activation::sigmoid, Activation::tanh, Activation::relu}) {
    std::array value{not_a_number};
    activate(activation, value);
    EXPECT_TRUE(std::isnan(value[0]));
  }
}

}  // namespace
}  // namespace annmpi::model::cpu
