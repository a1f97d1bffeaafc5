#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/network/network.hpp"

namespace annmpi::device {
namespace {

network::Network galaxy_network() {
  return network::make_network({1024, 8, 3}, config::Activation::sigmoid,
                               config::OutputUnit::sigmoid);
}

TEST(Network, LaysParametersOutLayerAfterLayerWithoutGaps) {
  const network::Network network =
      network::make_network({5, 4, 3, 2}, config::Activation::tanh, config::OutputUnit::softmax);
  ASSERT_EQ(network.layers.size(), 3U);
  EXPECT_EQ(network.layers[0].offset, 0U);
  EXPECT_EQ(network.layers[1].offset, 4U * 6);
  EXPECT_EQ(network.layers[2].offset, 4U * 6 + 3 * 5);
  EXPECT_EQ(network.parameters(), 4U * 6 + 3 * 5 + 2 * 4);
  EXPECT_EQ(network.inputs(), 5U);
  EXPECT_EQ(network.classes(), 2U);
  EXPECT_EQ(network.sizes(), (std::vector<std::int64_t>{5, 4, 3, 2}));
}

TEST(Network, StandsBetweenTheFeaturesAndTheClassesOfTheData) {
  data::Dataset data;
  data.features = 1024;
  data.class_names = {"E", "S", "I"};
  config::Configuration::Model model;
  model.hidden = {8};
  EXPECT_EQ(network::make_network(model, data).sizes(), (std::vector<std::int64_t>{1024, 8, 3}));
  model.hidden = {};
  EXPECT_EQ(network::make_network(model, data).sizes(), (std::vector<std::int64_t>{1024, 3}));
}

TEST(Network, DescribesItselfInOneLine) {
  EXPECT_EQ(describe(galaxy_network()),
            "1024-8-3, sigmoid hidden units, sigmoid outputs, 8227 parameters");
}

TEST(InitialParameters, AreThoseOfNumPysRandomState) {
  // numpy.random.RandomState(917).rand(5) * 0.4 - 0.2, NumPy 1.24
  constexpr std::array expected{-0.12277473672850125, -0.0020008377559056767, 0.016243085887774594,
                                -0.16283575326557367, 0.1841806679938806};
  const std::vector<double> theta = network::initial_parameters(galaxy_network(), 0.2, 917);
  ASSERT_EQ(theta.size(), 8227U);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(theta[i], expected[i]);
  // numpy.random.RandomState(0).rand(3) * 2.0 - 1.0
  constexpr std::array from_seed_0{0.0976270078546495, 0.43037873274483895, 0.20552675214328775};
  const std::vector<double> other = network::initial_parameters(galaxy_network(), 1.0, 0);
  for (std::size_t i = 0; i < from_seed_0.size(); ++i) EXPECT_EQ(other[i], from_seed_0[i]);
}

TEST(InitialParameters, StayWithinTheHalfWidthAndFillIt) {
  const std::vector<double> theta = network::initial_parameters(galaxy_network(), 0.2, 1);
  const auto [least, largest] = std::ranges::minmax(theta);
  EXPECT_GE(least, -0.2);
  EXPECT_LT(largest, 0.2);
  // The probability that none of 8227 uniform draws lies in the lowest 0.5 % is 0.995^8227 = 1e-18.
  EXPECT_LT(least, -0.198);
  EXPECT_GT(largest, 0.198);
}

/// theta of a network 5-4-3, split into biases and weights.
struct Started {
  std::vector<double> weights, biases;
};

Started start(config::Initialisation init, std::uint32_t seed) {
  const network::Network network =
      network::make_network({5, 4, 3}, config::Activation::relu, config::OutputUnit::softmax);
  config::Configuration::Model model;
  model.init = init;
  model.seed = seed;
  const std::vector<double> theta = network::initial_parameters(network, model);
  Started started;
  for (const network::Layer& layer : network.layers)
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      const double* row = theta.data() + layer.offset + j * layer.row_length();
      started.biases.push_back(row[0]);
      started.weights.insert(started.weights.end(), row + 1, row + layer.row_length());
    }
  return started;
}

TEST(InitialParameters, OfGlorotAndHeAreScaledByTheirLayer) {
  // random = numpy.random.RandomState(4); random.rand(4, 5) and then random.rand(3, 4), each times
  // 2 a less a: the first two and the last of W_1, the first and the last of W_2.
  struct Expected {
    config::Initialisation init;
    std::array<double, 5> values;
  };
  const std::array all{
      Expected{config::Initialisation::glorot,
               {0.7626565334917865, 0.07712993992300743, 0.7457111736183457, -0.11823343551311538,
                0.810225135022189}},
      Expected{config::Initialisation::he,
               {1.0232111114231879, 0.10348067326099164, 1.0004765254750612, -0.15640813351024785,
                1.0718271066212206}},
  };
  for (const Expected& expected : all) {
    const Started started = start(expected.init, 4);
    ASSERT_EQ(started.weights.size(), 32U);
    EXPECT_EQ(started.weights[0], expected.values[0]);
    EXPECT_EQ(started.weights[1], expected.values[1]);
    EXPECT_EQ(started.weights[19], expected.values[2]);
    EXPECT_EQ(started.weights[20], expected.values[3]);
    EXPECT_EQ(started.weights[31], expected.values[4]);
    EXPECT_EQ(started.biases, std::vector<double>(7, 0.0));
  }
}

TEST(InitialParameters, HaveTheVariancesOfTheirPapers) {
  const network::Network network =
      network::make_network({784, 128}, config::Activation::relu, config::OutputUnit::softmax);
  config::Configuration::Model model;
  for (const auto& [init, variance] : {std::pair{config::Initialisation::glorot, 2.0 / (784 + 128)},
                                       std::pair{config::Initialisation::he, 2.0 / 784}}) {
    model.init = init;
    double squares = 0;
    for (const double value : network::initial_parameters(network, model)) squares += value * value;
    // The variance of N = 100,352 uniform draws has a relative standard deviation of sqrt(0.8 / N)
    // = 0.28 %; the tolerance is five times that.
    EXPECT_NEAR(squares / (784 * 128) / variance, 1.0, 0.014);
  }
}

TEST(PredictedClass, IsTheFirstOfEquals) {
  EXPECT_EQ(network::predicted_class(std::array{-3.0, 2.0, 1.0}), 1);
  EXPECT_EQ(network::predicted_class(std::array{2.0, 2.0, 1.0}), 0);
  EXPECT_EQ(network::predicted_class(std::array{1.0, 2.0, 2.0}), 1);
  EXPECT_EQ(network::predicted_class(std::array{-0.0, 0.0}), 0);
  EXPECT_EQ(network::predicted_class(std::array{5.0}), 0);
}

TEST(ToProbabilities, OfLogisticUnitsStandEachForItself) {
  std::array values{0.0, 40.0, -40.0, 1e3, -1e3};
  network::to_probabilities(config::OutputUnit::sigmoid, values);
  EXPECT_EQ(values[0], 0.5);
  EXPECT_EQ(values[1], 1.0);  // 1 - 4e-18
  // exp and two operations, each within an ulp or two
  EXPECT_NEAR(values[2] / 4.248354255291588995e-18, 1.0, 1e-15);
  EXPECT_EQ(values[3], 1.0);
  EXPECT_EQ(values[4], 0.0);
}

TEST(ToProbabilities, OfSoftmaxAddUpToOneHoweverLargeTheLogits) {
  for (const double shift : {0.0, 1e3, -1e3, 1e6}) {
    std::array values{shift, shift + 40, shift + 39};
    network::to_probabilities(config::OutputUnit::softmax, values);
    // e^-1 and the quotients are each within an ulp.
    EXPECT_NEAR(values[1], 0.73105857863000487926, 1e-15);
    EXPECT_NEAR(values[2], 0.26894142136999512074, 1e-15);
    EXPECT_NEAR(values[0] / (0.73105857863000487926 * 4.248354255291588995e-18), 1.0, 1e-15);
    EXPECT_NEAR(values[0] + values[1] + values[2], 1.0, 4e-16);
  }
  std::array far{-1e3, 1e3};
  network::to_probabilities(config::OutputUnit::softmax, far);
  EXPECT_EQ(far, (std::array{0.0, 1.0}));
}

TEST(Network, TakesTrialsByTangentWhereTheFirstLayerDominates) {
  const auto pays = [](const std::vector<std::int64_t>& sizes) {
    return network::tangent_trials_pay(
        network::make_network(sizes, config::Activation::relu, config::OutputUnit::softmax));
  };
  EXPECT_TRUE(pays({1024, 8, 3}));
  EXPECT_TRUE(pays({784, 512, 256, 10}));  // 2 * 133,632 products against 0.9 * 401,408
  EXPECT_TRUE(pays({10, 3}));
  EXPECT_FALSE(pays({32, 64, 64, 10}));
  EXPECT_FALSE(pays({20, 10, 10}));  // 200 against 180
  EXPECT_TRUE(pays({23, 10, 10}));   // 200 against 207
}

}  // namespace
}  // namespace annmpi::device
