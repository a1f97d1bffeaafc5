#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "annmpi/network/network.hpp"

#include "support/activations.hpp"
#include "support/samples.hpp"

/// The network's mathematics (docs/architecture.md) in the simplest form: one row at a time,
/// loops, long double. The reference for all devices.
namespace annmpi::tests {

using Real = long double;
using Reals = std::vector<Real>;

inline Reals to_reals(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// log(1 + exp(z)) without overflow
inline Real softplus(Real z) {
  return std::max<Real>(z, 0) + std::log1p(std::exp(-std::abs(z)));
}

inline Real reference_loss(config::OutputUnit output, const Reals& logits, std::int32_t label) {
  const auto target = static_cast<std::size_t>(label);
  if (output == config::OutputUnit::sigmoid) {
    Real loss = 0;
    for (std::size_t k = 0; k < logits.size(); ++k)
      loss += k == target ? softplus(-logits[k]) : softplus(logits[k]);
    return loss;
  }
  // log sum_k exp(z_k - z_label)
  const Real largest = *std::max_element(logits.begin(), logits.end());
  Real sum = 0;
  for (const Real z : logits) sum += std::exp(z - largest);
  return largest - logits[target] + std::log(sum);
}

/// d loss / d z_k
inline Reals reference_delta(config::OutputUnit output, const Reals& logits, std::int32_t label) {
  Reals delta;
  const Real largest = *std::max_element(logits.begin(), logits.end());
  Real sum = 0;
  for (const Real z : logits) sum += std::exp(z - largest);
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const Real probability = output == config::OutputUnit::sigmoid
                                 ? 1 / (1 + std::exp(-logits[k]))
                                 : std::exp(logits[k] - largest) / sum;
    delta.push_back(probability - (static_cast<std::int32_t>(k) == label ? 1 : 0));
  }
  return delta;
}

struct ReferenceCost {
  Real cost = 0;  ///< with penalty
  std::int64_t hits = 0;
  Reals gradient;
  /// The smallest |z| of any hidden unit: the distance to the nearest kink of an activation.
  Real nearest_kink = std::numeric_limits<Real>::infinity();
};

/// J(theta) over all samples, its gradient, and the number of correctly classified rows.
inline ReferenceCost reference_cost(const network::Network& network, const Samples& samples,
                                    const Reals& theta, double l2) {
  const auto weight = [&](const network::Layer& layer, std::size_t j, std::size_t i) {
    return layer.offset + j * layer.row_length() + 1 + i;
  };
  const auto bias = [](const network::Layer& layer, std::size_t j) {
    return layer.offset + j * layer.row_length();
  };
  const auto act = [&](Real z) { return reference_value(network.activation, z); };
  const auto act_derivative = [&](Real z) { return reference_derivative(network.activation, z); };

  ReferenceCost result;
  result.gradient.assign(theta.size(), 0);
  const auto m = static_cast<Real>(samples.rows);
  const std::size_t depth = network.layers.size();
  for (std::uint64_t row = 0; row < samples.rows; ++row) {
    std::vector<Reals> inputs{to_reals(samples.row(row))};
    std::vector<Reals> z;
    for (std::size_t l = 0; l < depth; ++l) {
      const network::Layer& layer = network.layers[l];
      z.emplace_back(layer.outputs);
      for (std::size_t j = 0; j < layer.outputs; ++j) {
        z[l][j] = theta[bias(layer, j)];
        for (std::size_t i = 0; i < layer.inputs; ++i)
          z[l][j] += theta[weight(layer, j, i)] * inputs[l][i];
      }
      if (l + 1 == depth) break;
      inputs.emplace_back();
      for (const Real value : z[l]) {
        inputs.back().push_back(act(value));
        result.nearest_kink = std::min(result.nearest_kink, std::abs(value));
      }
    }
    const std::int32_t label = samples.labels[row];
    const auto largest = std::max_element(z.back().begin(), z.back().end());
    if (largest - z.back().begin() == label) ++result.hits;
    result.cost += reference_loss(network.output, z.back(), label) / m;

    Reals delta = reference_delta(network.output, z.back(), label);
    for (std::size_t l = depth; l-- > 0;) {
      const network::Layer& layer = network.layers[l];
      Reals below(layer.inputs, 0);
      for (std::size_t j = 0; j < layer.outputs; ++j) {
        result.gradient[bias(layer, j)] += delta[j] / m;
        for (std::size_t i = 0; i < layer.inputs; ++i) {
          result.gradient[weight(layer, j, i)] += delta[j] * inputs[l][i] / m;
          below[i] += delta[j] * theta[weight(layer, j, i)];
        }
      }
      if (l > 0)
        for (std::size_t i = 0; i < layer.inputs; ++i) below[i] *= act_derivative(z[l - 1][i]);
      delta = below;
    }
  }
  for (const network::Layer& layer : network.layers)
    for (std::size_t j = 0; j < layer.outputs; ++j)
      for (std::size_t i = 0; i < layer.inputs; ++i) {
        const std::size_t at = weight(layer, j, i);
        result.cost += l2 / (2 * m) * theta[at] * theta[at];
        result.gradient[at] += l2 / m * theta[at];
      }
  return result;
}

}  // namespace annmpi::tests
