#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/network/gradient_bounds.hpp"

#include "support/reference_network.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"

namespace annmpi::device {
namespace {

/// The bound of a split for one chunk, rounded up to a power of two: C1 = 1.5 * 2^(e + 1).
double bound_of(exact_sum::Split split) {
  return split.c1 / 3;
}

/// Calls check(layer, j, i, partial, bound) for every element of the partial gradient, with all
/// samples in one chunk; i = 0 is the bias. In the first layer, features are unscaled, as stored.
template <class Check>
void for_each_partial(const network::Network& network, const tests::Samples& samples,
                      const std::vector<double>& theta, config::Precision precision,
                      Check&& check) {
  network::GradientSplits splits(network, precision);
  splits.hold_at(theta, tests::facts_of(samples, samples.rows), samples.feature_scale);
  const auto gradient = tests::reference_cost(network, samples, tests::to_reals(theta), 0).gradient;
  const auto rows = static_cast<tests::Real>(samples.rows);
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const network::Layer& layer = network.layers[l];
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      const network::UnitSplit& split = splits.of_layer(l)[j];
      for (std::size_t i = 0; i < layer.row_length(); ++i) {
        tests::Real partial = rows * gradient[layer.offset + j * layer.row_length() + i];
        if (l == 0 && i > 0) partial /= samples.feature_scale;
        check(l, j, i, static_cast<double>(std::abs(partial)),
              bound_of(i == 0 ? split.bias : split.weights));
      }
    }
  }
}

TEST(GradientSplits, BoundEveryPartialGradient) {
  for (const auto activation : tests::all_activations())
    for (const config::OutputUnit output :
         {config::OutputUnit::sigmoid, config::OutputUnit::softmax})
      for (const double half_width : {0.01, 1.0, 40.0})
        for (const auto type : {io::ElementType::uint8, io::ElementType::float32})
          for (const config::Precision precision :
               {config::Precision::float64, config::Precision::mixed}) {
            const network::Network network =
                network::make_network({7, 6, 5, 3}, activation, output);
            const tests::Samples samples = tests::random_samples(40, 7, 3, type, 3);
            for_each_partial(
                network, samples, network::initial_parameters(network, half_width, 9), precision,
                [](std::size_t l, std::size_t j, std::size_t i, double partial, double bound) {
                  ASSERT_LE(partial, bound) << l << " " << j << " " << i;
                });
          }
}

/// The worst case: every unit at its maximum slope, every output completely wrong, every feature at
/// the largest value. The gradients reach the bounds, so the bounds are tight.
TEST(GradientSplits, AreReachedByTheWorstOfAllNetworks) {
  const network::Network network =
      network::make_network({3, 2, 1}, config::Activation::sigmoid, config::OutputUnit::sigmoid);
  tests::Samples samples = tests::random_samples(64, 3, 1, io::ElementType::uint8, 1);
  for (double& value : samples.values) value = 255;
  // Hidden units at z = 0; the correct class gets probability 0: delta is -1.
  std::vector<double> theta(network.parameters(), 0.0);
  const network::Layer& last = network.layers.back();
  theta[last.offset] = -1000;
  theta[last.offset + 1] = 4;  // so that delta_1 = 4 / 4
  theta[last.offset + 2] = 4;
  for_each_partial(network, samples, theta, config::Precision::float64,
                   [](std::size_t l, std::size_t, std::size_t i, double partial, double bound) {
                     if (l == 0) {
                       // 64 rows with |delta| = 1, and inputs of 1 (bias) or 255. Bounds are powers
                       // of two, the next one above 64 * 255.
                       EXPECT_EQ(partial, i == 0 ? 64.0 : 64.0 * 255);
                       EXPECT_LE(partial, bound);
                       EXPECT_GT(partial, bound / 2.01);
                     } else if (i == 0) {
                       EXPECT_EQ(partial, 64.0);
                       EXPECT_LE(partial, bound);
                     }
                   });
}

TEST(GradientSplits, GiveNoNumbersWhereABoundIsNotFinite) {
  const network::Network network =
      network::make_network({4, 3, 2}, config::Activation::relu, config::OutputUnit::softmax);
  const tests::Samples samples = tests::random_samples(10, 4, 2, io::ElementType::uint8, 1);
  const data::SetFacts facts = tests::facts_of(samples, 10);
  network::GradientSplits splits(network, config::Precision::float64);
  for (const double wrong :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e307}) {
    std::vector<double> theta = network::initial_parameters(network, 1, 1);
    theta[network.layers[1].offset + 1] = wrong;  // the weight from hidden unit 0 to output 0
    splits.hold_at(theta, facts, samples.feature_scale);
    EXPECT_TRUE(std::isnan(splits.of_layer(0)[0].weights.c1));
    EXPECT_FALSE(std::isnan(splits.of_layer(0)[1].weights.c1));
  }
  splits.hold_at(network::initial_parameters(network, 1, 1), facts, samples.feature_scale);
  EXPECT_FALSE(std::isnan(splits.of_layer(0)[0].weights.c1));
}

}  // namespace
}  // namespace annmpi::device
