#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/layers/losses.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"
#include "support/reference_network.hpp"

namespace annmpi::tests {
namespace {

using config::OutputUnit;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::array outputs{OutputUnit::sigmoid, OutputUnit::softmax};

/// Loss and delta of one row.
double loss_and_delta(OutputUnit output, std::span<const double> logits, std::int32_t label,
                      std::span<double> delta) {
  return device::cpu::kernels::loss_and_delta(output, logits, std::span(&label, 1), logits.size(),
                                              delta);
}

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
        const Reals exact(logits.begin(), logits.end());
        const auto expected = reference_loss(output, exact, label);
        // Terms as large as the logits are added and subtracted: some roundings of the largest.
        const double largest =
            std::max({std::abs(logits[0]), std::abs(logits[1]), std::abs(logits[2]), 1.0});
        ASSERT_NEAR(loss, static_cast<double>(expected), 8 * epsilon * largest)
            << logits[0] << " " << logits[1] << " " << logits[2] << ", label " << label;
        ASSERT_GE(loss, -8 * epsilon * largest);
      }
    });
}

TEST(Loss, HasTheRightDerivativeAtLogitsOfAnySize) {
  for (const OutputUnit output : outputs)
    for_triples({-1e3, -40, -1, 0, 0.25, 40, 1e3}, [&](const std::array<double, 3>& logits) {
      for (std::int32_t label = 0; label < 3; ++label) {
        std::array<double, 3> delta{};
        (void)loss_and_delta(output, logits, label, delta);
        const Reals exact(logits.begin(), logits.end());
        const auto expected = reference_delta(output, exact, label);
        // Probabilities are at most 1 with an error of some roundings.
        for (std::size_t k = 0; k < 3; ++k)
          ASSERT_NEAR(delta[k], static_cast<double>(expected[k]), 4 * epsilon);
      }
    });
}

TEST(Loss, OfFloatsIsThatOfDoublesRounded) {
  for (const OutputUnit output : outputs)
    for (const std::size_t rows : {1, 5, 6, 96, 97}) {
      constexpr std::size_t classes = 3;
      const std::vector<double> numbers = random_numbers(rows * classes, 31);
      std::vector<float> z(rows * classes), delta(z);
      std::vector<double> same(z.size()), exact(z.size()), scratch(2 * z.size());
      for (std::size_t i = 0; i < z.size(); ++i)
        same[i] = z[i] = static_cast<float>(20 * numbers[i]);
      std::vector<std::int32_t> labels(rows);
      for (std::size_t i = 0; i < rows; ++i) labels[i] = static_cast<std::int32_t>(i % classes);
      const double expected =
          device::cpu::kernels::loss_and_delta(output, same, labels, classes, std::span(exact));
      const auto loss = [&] {
        return device::cpu::kernels::loss_and_delta(output, std::span<const float>(z), labels,
                                                    classes, std::span(delta), scratch);
      };
      const double found = loss();
      // Each loss is at most 20 with an error of some roundings; they are summed in doubles.
      EXPECT_NEAR(found, expected, 4 * 0x1p-24 * 20 * static_cast<double>(z.size()));
      for (std::size_t i = 0; i < z.size(); ++i) EXPECT_NEAR(delta[i], exact[i], 4 * 0x1p-24);
      for_each_simd_target([&](const char* name) {
        std::ranges::fill(delta, 0.0F);
        EXPECT_EQ(loss(), found) << name;
      });
    }
}

TEST(Loss, IsSmallWithoutBeingLostForConfidentLogisticUnits) {
  // A wrong class at -40 costs log(1 + e^-40), far below the rounding of 1.
  std::array<double, 2> delta{};
  const double loss = loss_and_delta(OutputUnit::sigmoid, std::array{1e3, -40.0}, 0, delta);
  EXPECT_NEAR(loss / 4.248354255291588995e-18, 1.0, 1e-15);
  EXPECT_NEAR(delta[1] / 4.248354255291588995e-18, 1.0, 1e-15);
}

TEST(Loss, IsNaNForNonFiniteLogits) {
  for (const OutputUnit output : outputs) {
    std::array<double, 2> delta{};
    for (std::int32_t label = 0; label < 2; ++label) {
      EXPECT_FALSE(std::isfinite(loss_and_delta(output, std::array{nan, 1.0}, label, delta)));
      EXPECT_FALSE(std::isfinite(loss_and_delta(output, std::array{1.0, nan}, label, delta)));
      EXPECT_FALSE(std::isfinite(loss_and_delta(output, std::array{infinity, 1.0}, label, delta)));
    }
  }
}

TEST(Loss, OfAChunkIsTheSumOverItsRows) {
  for (const OutputUnit output : outputs)
    for (const std::size_t rows : {0, 1, 7, 31, 32, 33, 96, 97})
      for (const std::size_t classes : {1, 2, 3, 10}) {
        const std::vector<double> z = random_numbers(rows * classes, 41);
        std::vector<std::int32_t> labels(rows);
        for (std::size_t i = 0; i < rows; ++i) labels[i] = static_cast<std::int32_t>(i % classes);
        std::vector<double> delta(z.size()), row_delta(classes);
        const double loss = device::cpu::kernels::loss_and_delta(output, z, labels, classes, delta);
        long double expected = 0;
        for (std::size_t i = 0; i < rows; ++i) {
          const auto row = std::span(z).subspan(i * classes, classes);
          expected += reference_loss(output, Reals(row.begin(), row.end()), labels[i]);
          (void)loss_and_delta(output, row, labels[i], row_delta);
          // A row's delta does not depend on the other rows.
          ASSERT_TRUE(
              std::ranges::equal(row_delta, std::span(delta).subspan(i * classes, classes)));
        }
        // rows * classes terms of order 1, one rounding each.
        EXPECT_NEAR(loss, static_cast<double>(expected),
                    4 * epsilon * static_cast<double>(rows * rows * classes + 1));
      }
}

TEST(Loss, SameBitsOnEverySimdTarget) {
  for (const OutputUnit output : outputs) {
    const std::vector<double> z = random_numbers(61 * 5, 42);
    const std::vector<std::int32_t> labels(61, 3);
    std::vector<double> best(z.size()), delta(z.size());
    const double loss = device::cpu::kernels::loss_and_delta(output, z, labels, 5, best);
    for_each_simd_target([&](const char* name) {
      ASSERT_EQ(device::cpu::kernels::loss_and_delta(output, z, labels, 5, delta), loss) << name;
      ASSERT_EQ(delta, best) << name;
    });
  }
}

TEST(LogisticLoss, KeepsItsDigitsWhereUnitsSaturate) {
  std::array<double, 2> delta{};
  // Right about both classes, then wrong about both.
  const double right = loss_and_delta(OutputUnit::sigmoid, std::array{40.0, -40.0}, 0, delta);
  EXPECT_DOUBLE_EQ(delta[0], -std::exp(-40.0));
  EXPECT_DOUBLE_EQ(delta[1], std::exp(-40.0));
  EXPECT_DOUBLE_EQ(right, 2 * std::exp(-40.0));
  EXPECT_DOUBLE_EQ(loss_and_delta(OutputUnit::sigmoid, std::array{800.0, -800.0}, 1, delta),
                   1600.0);
  EXPECT_EQ(delta[0], 1.0);
  EXPECT_EQ(delta[1], -1.0);
}

}  // namespace
}  // namespace annmpi::tests
