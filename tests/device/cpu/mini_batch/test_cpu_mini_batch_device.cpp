#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/device/mini_batch_device.hpp"

#include "support/allocation_count.hpp"
#include "support/batch_rows.hpp"
#include "support/reference_network.hpp"

// Mini-batches compared with the reference network, for all cases of full and partial panels.
namespace annmpi::device {
namespace {

using io::ElementType;
using tests::BatchCase;
using tests::BatchesOf;
using tests::Samples;

/// Layer sizes close to panel widths, and batch sizes close to the size of row blocks; and each
/// activation.
const std::vector<BatchCase> cases = tests::with_each_activation({
    {{5, 3}, 4},
    {{70, 40}, 9, config::Activation::tanh, config::OutputUnit::sigmoid},
    {{33, 16, 17, 2}, 130},
    {{40, 33, 10}, 300, config::Activation::sigmoid, config::OutputUnit::sigmoid},
    {{31, 70, 65, 20},
     21,
     config::Activation::tanh,
     config::OutputUnit::softmax,
     ElementType::float32},
    {{9, 100, 3},
     129,
     config::Activation::sigmoid,
     config::OutputUnit::softmax,
     ElementType::float64},
    {{20, 12, 9, 5, 4}, 64, config::Activation::relu},
});

/// Gets the gradient as w - w' of a step at rate 1. All w are multiples of 2^-10, so the difference
/// is exact except for the rounding of w'.
TEST(MiniBatchDevice, StepsAlongTheGradientOfTheReference) {
  for (const BatchCase& one : cases)
    for (const double filled : {0.1, 1.0}) {
      SCOPED_TRACE(one.name());
      const network::Network network = one.network();
      const Samples samples = tests::random_samples(
          one.rows, network.inputs(), static_cast<int>(network.classes()), one.type, 3);
      std::vector<double> theta = network::initial_parameters(network, 0.3, 7);
      for (double& value : theta) value = std::round(value * 1024) / 1024;
      constexpr double l2 = 0.7;
      const auto expected = tests::reference_cost(network, samples, tests::to_reals(theta), l2);
      const BatchesOf batch(samples);
      const auto device =
          make_cpu_mini_batch_device(network, {one.rows, samples.feature_scale}, {.threads = 2});
      const auto rows = batch.held_by(*device, 50, filled);
      EXPECT_FALSE(device->draw_batches_from(*rows, {one.rows, one.rows, 1}));
      tests::set_parameters(*device, theta);
      device->step(batch.all(), {.rate = 1, .penalty = l2 / static_cast<double>(one.rows)});
      const std::vector<double> moved = tests::parameters_of(*device);
      double largest = 0;
      for (std::size_t i = 0; i < theta.size(); ++i) {
        EXPECT_NEAR(theta[i] - moved[i], static_cast<double>(expected.gradient[i]), 1e-14) << i;
        largest = std::max(largest, std::abs(static_cast<double>(expected.gradient[i])));
      }
      EXPECT_NEAR(device->largest_gradient(), largest, 1e-14);
    }
}

TEST(MiniBatchDevice, MeasuresWhatTheReferenceMeasures) {
  for (const BatchCase& one : cases) {
    SCOPED_TRACE(one.name());
    const network::Network network = one.network();
    const Samples samples = tests::random_samples(one.rows, network.inputs(),
                                                  static_cast<int>(network.classes()), one.type, 3);
    const std::vector<double> theta = network::initial_parameters(network, 0.3, 7);
    const auto expected = tests::reference_cost(network, samples, tests::to_reals(theta), 0);
    const BatchesOf batch(samples);
    for (const config::Precision precision :
         {config::Precision::float64, config::Precision::mixed}) {
      const auto device = make_cpu_mini_batch_device(network, {8, samples.feature_scale},
                                                     {.threads = 2, .precision = precision});
      tests::set_parameters(*device, theta);
      const LossAndHits measured = device->measure(*batch.held_by(*device));
      const double tolerance = precision == config::Precision::mixed ? 1e-5 : 1e-13;
      const auto rows = static_cast<double>(one.rows);
      EXPECT_NEAR(measured.loss.value() / rows, static_cast<double>(expected.cost), tolerance);
      EXPECT_EQ(measured.hits, expected.hits);
    }
  }
}

TEST(MiniBatchDevice, GivesBackTheParametersThatItTook) {
  const network::Network network =
      network::make_network({33, 17, 40, 3}, config::Activation::relu, config::OutputUnit::softmax);
  const std::vector<double> theta = network::initial_parameters(network, 0.3, 7);
  const auto device = make_cpu_mini_batch_device(network, {8, 1}, {});
  tests::set_parameters(*device, theta);
  EXPECT_EQ(tests::parameters_of(*device), theta);
}

TEST(MiniBatchDevice, ClipsTheGradientToItsNorm) {
  const network::Network network =
      network::make_network({33, 17, 3}, config::Activation::tanh, config::OutputUnit::softmax);
  const Samples samples = tests::random_samples(20, 33, 3, ElementType::uint8, 3);
  const BatchesOf batch(samples);
  const std::vector<double> theta = network::initial_parameters(network, 0.3, 7);
  const auto device = make_cpu_mini_batch_device(network, {20, samples.feature_scale}, {});
  const auto length_of_step = [&](double clip_norm) {
    tests::set_parameters(*device, theta);
    device->step(batch.all(), {.rate = 1, .clip_norm = clip_norm});
    const std::vector<double> moved = tests::parameters_of(*device);
    double square = 0;
    for (std::size_t i = 0; i < theta.size(); ++i)
      square += (theta[i] - moved[i]) * (theta[i] - moved[i]);
    return std::sqrt(square);
  };
  const double free = length_of_step(0);
  EXPECT_GT(free, 0.1);
  EXPECT_NEAR(length_of_step(0.05), 0.05, 1e-14);
  EXPECT_NEAR(length_of_step(10 * free), free, 1e-14);
}

TEST(MiniBatchDevice, AllocatesNothingInAStep) {
  const network::Network network =
      network::make_network({33, 17, 3}, config::Activation::relu, config::OutputUnit::softmax);
  const BatchesOf batch(tests::random_samples(200, 33, 3, ElementType::uint8, 3));
  const BatchesOf rest(tests::random_samples(77, 33, 3, ElementType::uint8, 4));
  for (const double filled : {0.1, 1.0}) {
    const auto device = make_cpu_mini_batch_device(network, {200, 1}, {});
    const auto rows = batch.held_by(*device, 50, filled);
    (void)device->draw_batches_from(*rows, {200, 200, 1});
    tests::set_parameters(*device, network::initial_parameters(network, 0.3, 7));
    const ParameterUpdate adam{.rule = UpdateRule::adam,
                               .rate = 0.01,
                               .clip_norm = 0.1,
                               .constants = {.beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8}};
    device->step(batch.all(), adam);
    const std::size_t before = tests::allocations();
    ASSERT_GT(before, 0U);
    for (int i = 0; i < 3; ++i) {
      device->step(rest.all(), adam);
      device->step(batch.all(), adam);
    }
    EXPECT_EQ(tests::allocations() - before, 0U);
  }
}

}  // namespace
}  // namespace annmpi::device
