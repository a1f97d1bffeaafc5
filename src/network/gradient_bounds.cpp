#include "annmpi/network/gradient_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace annmpi::network {
namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

/// Row j of [b | W].
std::span<const double> row_of(const Layer& layer, std::span<const double> theta, std::size_t j) {
  return theta.subspan(layer.offset + j * layer.row_length(), layer.row_length());
}

/// The largest |b_j| + sum_i |W_ji| * largest_input over the units of a layer.
double largest_argument(const Layer& layer, std::span<const double> theta, double largest_input) {
  double largest = 0;
  for (std::size_t j = 0; j < layer.outputs; ++j) {
    const auto row = row_of(layer, theta, j);
    double sum = 0;
    for (const double weight : row.subspan(1)) sum += std::abs(weight);
    const double bound = std::abs(row[0]) + sum * largest_input;
    // Unlike std::max, this keeps NaN.
    if (!(bound <= largest)) largest = bound;
  }
  return largest;
}

/// Number of terms in all sums behind a row's deltas and activations above the first layer, plus a
/// few operations per layer.
double upper_widths(const Network& network) {
  std::size_t widths = 0;
  for (std::size_t l = 1; l < network.layers.size(); ++l)
    widths += network.layers[l].inputs + network.layers[l].outputs + 8;
  return static_cast<double>(widths);
}

}  // namespace

GradientSplits::GradientSplits(const Network& network, Precision precision)
    : network_(network), precision_(precision), activations_(network.layers.size()) {
  for (const Layer& layer : network.layers) {
    deltas_.emplace_back(layer.outputs);
    splits_.emplace_back(layer.outputs);
  }
}

void GradientSplits::hold_at(std::span<const double> theta, const data::SetFacts& facts,
                             double feature_scale) {
  bound_activations(theta, facts.largest_feature * std::abs(feature_scale));
  bound_deltas(theta);
  const auto chunk_rows = static_cast<double>(facts.chunk_rows);
  const bool in_floats = precision_ == Precision::mixed;
  const double roundings = 1 + 0x1p-20 + (in_floats ? upper_widths(network_) * 0x1p-21 : 0);
  const double of_a_chunk = in_floats ? 1 + chunk_rows * 0x1p-22 : 1;
  for (std::size_t l = 0; l < splits_.size(); ++l) {
    const double input = l == 0 ? facts.largest_feature : roundings * activations_[l];
    for (std::size_t j = 0; j < splits_[l].size(); ++j) {
      const double delta = roundings * deltas_[l][j];
      const double bound = chunk_rows * delta * of_a_chunk;
      splits_[l][j] = {exact_sum::make_split(bound, facts.chunks),
                       exact_sum::make_split(bound * input, facts.chunks), delta};
    }
  }
}

void GradientSplits::bound_activations(std::span<const double> theta, double largest_input) {
  activations_.front() = largest_input;
  const double limit = rules::largest_value(network_.activation, unbounded);
  for (std::size_t l = 1; l < activations_.size(); ++l)
    activations_[l] = std::isfinite(limit)
                          ? limit
                          : rules::largest_value(network_.activation,
                                                 largest_argument(network_.layers[l - 1], theta,
                                                                  activations_[l - 1]));
}

void GradientSplits::bound_deltas(std::span<const double> theta) {
  std::ranges::fill(deltas_.back(), rules::largest_delta(network_.output));
  const double largest_derivative = rules::largest_derivative(network_.activation, unbounded);
  for (std::size_t l = network_.layers.size() - 1; l > 0; --l) {
    const Layer& layer = network_.layers[l];
    std::vector<double>& below = deltas_[l - 1];
    std::ranges::fill(below, 0.0);
    for (std::size_t k = 0; k < layer.outputs; ++k) {
      const auto row = row_of(layer, theta, k);
      for (std::size_t j = 0; j < layer.inputs; ++j)
        below[j] += std::abs(row[1 + j]) * deltas_[l][k];
    }
    for (double& bound : below) bound *= largest_derivative;
  }
}

}  // namespace annmpi::network
