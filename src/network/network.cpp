#include "annmpi/network/network.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "annmpi/base/error.hpp"

namespace annmpi::network {
namespace {

/// Weights are uniform in [-this, this).
double weights_half_width(const Layer& layer, const config::Configuration::Model& model) {
  const auto inputs = static_cast<double>(layer.inputs);
  const auto outputs = static_cast<double>(layer.outputs);
  switch (model.init) {
    case config::Initialisation::glorot:
      return std::sqrt(6 / (inputs + outputs));
    case config::Initialisation::he:
      return std::sqrt(6 / inputs);
    case config::Initialisation::uniform:
      break;
  }
  return model.init_half_width;
}

}  // namespace

std::size_t Network::hidden_units() const {
  std::size_t units = 0;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) units += layers[l].outputs;
  return units;
}

std::vector<std::int64_t> Network::sizes() const {
  std::vector<std::int64_t> sizes{static_cast<std::int64_t>(inputs())};
  for (const Layer& layer : layers) sizes.push_back(static_cast<std::int64_t>(layer.outputs));
  return sizes;
}

Network make_network(const std::vector<std::int64_t>& sizes, Activation activation,
                     OutputUnit output) {
  if (sizes.size() < 2) throw std::logic_error("a network has at least one layer");
  Network network{{}, activation, output};
  std::size_t offset = 0;
  for (std::size_t l = 1; l < sizes.size(); ++l) {
    const Layer layer{static_cast<std::size_t>(sizes[l - 1]), static_cast<std::size_t>(sizes[l]),
                      offset};
    network.layers.push_back(layer);
    offset += layer.size();
  }
  return network;
}

Network make_network(const config::Configuration::Model& model, const data::Dataset& data) {
  require(model.output != OutputUnit::softmax || data.class_names.size() > 1,
          "model.output = \"softmax\": cannot be used with one class, {} of {} (its probability is "
          "always 1); write \"sigmoid\", or give data with more classes",
          data.class_names.front(), data.path);
  std::vector<std::int64_t> sizes{static_cast<std::int64_t>(data.features)};
  sizes.insert(sizes.end(), model.hidden.begin(), model.hidden.end());
  sizes.push_back(static_cast<std::int64_t>(data.class_names.size()));
  return make_network(sizes, model.hidden_activation, model.output);
}

std::string describe(const Network& network) {
  return fmt::format("{}, {} hidden units, {} outputs, {} parameters",
                     fmt::join(network.sizes(), "-"), config::name_of(network.activation),
                     config::name_of(network.output), network.parameters());
}

bool tangent_trials_pay(const Network& network) {
  const auto products = [](const Layer& layer) {
    return static_cast<double>(layer.inputs) * static_cast<double>(layer.outputs);
  };
  double upper = 0;
  for (std::size_t l = 1; l < network.layers.size(); ++l) upper += products(network.layers[l]);
  return 2 * upper < 0.9 * products(network.layers.front());
}

std::int32_t predicted_class(std::span<const double> logits) {
  return static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin());
}

void to_probabilities(OutputUnit output, std::span<double> logits) {
  switch (output) {
    case OutputUnit::sigmoid:
      for (double& value : logits) value = 1.0 / (1.0 + std::exp(-value));
      return;
    case OutputUnit::softmax: {
      const double largest = *std::ranges::max_element(logits);
      double sum = 0;
      for (double& value : logits) sum += value = std::exp(value - largest);
      for (double& value : logits) value /= sum;
    }
  }
}

std::vector<double> initial_parameters(const Network& network,
                                       const config::Configuration::Model& model) {
  std::mt19937 generator(model.seed);
  const auto draw = [&](double half_width) {
    // 27 + 26 bits make a double in [0, 1) of 53 bits.
    const auto high = static_cast<double>(generator() >> 5);
    const auto low = static_cast<double>(generator() >> 6);
    const double unit = (high * 67108864.0 + low) / 9007199254740992.0;
    return unit * (2 * half_width) - half_width;
  };
  std::vector<double> theta(network.parameters());
  for (const Layer& layer : network.layers) {
    const double half_width = weights_half_width(layer, model);
    const bool draws_bias = model.init == config::Initialisation::uniform;
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      double* const row = theta.data() + layer.offset + j * layer.row_length();
      if (draws_bias) row[0] = draw(half_width);
      for (std::size_t i = 1; i < layer.row_length(); ++i) row[i] = draw(half_width);
    }
  }
  return theta;
}

std::vector<double> initial_parameters(const Network& network, double half_width,
                                       std::uint32_t seed) {
  config::Configuration::Model model;
  model.init_half_width = half_width;
  model.seed = seed;
  return initial_parameters(network, model);
}

}  // namespace annmpi::network
