#include "annmpi/model/gradient_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace annmpi::model {
namespace {

double largest_derivative(Activation activation) {
  return activation == Activation::sigmoid ? 0.25 : 1.0;
}

/// The largest activation of each layer 0 .. L-1 that feeds another one.
std::vector<double> activation_bounds(const Network& network, std::span<const double> theta,
                                      double largest_feature) {
  std::vector<double> bounds{largest_feature};
  for (std::size_t l = 0; l + 1 < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    double largest = 1;
    if (network.activation == Activation::relu) {
      largest = 0;
      for (std::size_t j = 0; j < layer.outputs; ++j) {
        const auto row = theta.subspan(layer.offset + j * layer.row_length(), layer.row_length());
        double sum = 0;
        for (const double weight : row.subspan(1)) sum += std::abs(weight);
        // Not std::max: what is not a number must stay visible.
        const double bound = std::abs(row[0]) + sum * bounds.back();
        if (!(bound <= largest)) largest = bound;
      }
    }
    bounds.push_back(largest);
  }
  return bounds;
}

/// bound(delta_lj) for all units of all layers.
std::vector<std::vector<double>> delta_bounds(const Network& network,
                                              std::span<const double> theta) {
  std::vector<std::vector<double>> bounds(network.layers.size());
  bounds.back().assign(network.classes(), 1.0);
  for (std::size_t l = network.layers.size() - 1; l > 0; --l) {
    const Layer& layer = network.layers[l];
    std::vector<double>& below = bounds[l - 1];
    below.assign(layer.inputs, 0.0);
    for (std::size_t k = 0; k < layer.outputs; ++k) {
      const auto row = theta.subspan(layer.offset + k * layer.row_length(), layer.row_length());
      for (std::size_t j = 0; j < layer.inputs; ++j)
        below[j] += std::abs(row[1 + j]) * bounds[l][k];
    }
    for (double& bound : below) bound *= largest_derivative(network.activation);
  }
  return bounds;
}

}  // namespace

std::vector<std::vector<UnitSplit>> gradient_splits(const Network& network,
                                                    std::span<const double> theta,
                                                    const SetFacts& facts, double feature_scale) {
  constexpr double for_roundings = 1 + 0x1p-20;
  std::vector<double> factors =
      activation_bounds(network, theta, facts.largest_feature * std::abs(feature_scale));
  factors.front() = facts.largest_feature;
  const std::vector<std::vector<double>> deltas = delta_bounds(network, theta);
  const double rows = static_cast<double>(facts.chunk_rows) * for_roundings;
  std::vector<std::vector<UnitSplit>> splits(network.layers.size());
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    for (const double delta : deltas[l]) {
      splits[l].push_back({exact_sum::make_split(rows * delta, facts.chunks),
                           exact_sum::make_split(rows * delta * factors[l], facts.chunks)});
    }
  }
  return splits;
}

}  // namespace annmpi::model
