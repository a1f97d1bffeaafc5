#include "model/cpu/upper_layers.hpp"

#include <algorithm>

#include "model/cpu/activation.hpp"
#include "model/cpu/affine.hpp"
#include "model/cpu/host_space.hpp"
#include "model/cpu/loss.hpp"

namespace annmpi::model::cpu {
namespace {

std::span<double> front(std::vector<double>& values, std::size_t count) {
  return std::span(values).first(count);
}

}  // namespace

UpperLayers::UpperLayers(const Network& network, const UpperParameters& parameters,
                         std::size_t chunk_rows)
    : network_(network), parameters_(parameters) {
  for (const Layer& layer : network_.layers) {
    values_.emplace_back(chunk_rows * layer.outputs);
    tangents_.emplace_back(chunk_rows * layer.outputs);
    deltas_.emplace_back(chunk_rows * layer.outputs);
  }
}

void UpperLayers::forward(std::span<const double> Z, std::span<const double> D, std::size_t rows) {
  const std::size_t count = rows * network_.layers.front().outputs;
  std::copy_n(Z.begin(), count, values_.front().begin());
  if (!D.empty())
    for (std::size_t i = 0; i < count; ++i) values_.front()[i] += parameters_.step() * D[i];
  for (std::size_t l = 1; l < network_.layers.size(); ++l) {
    const Layer& layer = network_.layers[l];
    activate(network_.activation, front(values_[l - 1], rows * layer.inputs));
    set_bias(layer, parameters_.values(l), rows, values_[l]);
    add_product(layer, 1.0, values_[l - 1], parameters_.values(l), rows, values_[l]);
  }
}

std::span<const double> UpperLayers::logits(std::size_t rows) const {
  return std::span(values_.back()).first(rows * network_.classes());
}

double UpperLayers::loss(std::span<const std::int32_t> labels) {
  const std::size_t classes = network_.classes();
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    sum += loss_and_delta(network_.output, std::span(values_.back()).subspan(i * classes, classes),
                          labels[i], std::span(deltas_.back()).subspan(i * classes, classes));
  return sum;
}

std::int64_t UpperLayers::hits(std::span<const std::int32_t> labels) const {
  const std::size_t classes = network_.classes();
  std::int64_t count = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = std::span(values_.back()).subspan(i * classes, classes);
    if (predicted_class(row) == labels[i]) ++count;
  }
  return count;
}

double UpperLayers::slope(std::span<const double> D, std::size_t rows) {
  const std::size_t last = network_.layers.size() - 1;
  std::copy_n(D.begin(), rows * network_.layers.front().outputs, tangents_.front().begin());
  for (std::size_t l = 1; l <= last; ++l) {
    const Layer& layer = network_.layers[l];
    const std::size_t below = rows * layer.inputs;
    multiply_by_derivative(network_.activation, front(values_[l - 1], below),
                           front(tangents_[l - 1], below));
    set_bias(layer, parameters_.direction(l), rows, tangents_[l]);
    add_product(layer, 1.0, tangents_[l - 1], parameters_.values(l), rows, tangents_[l]);
    add_product(layer, 1.0, values_[l - 1], parameters_.direction(l), rows, tangents_[l]);
  }
  const std::size_t count = rows * network_.classes();
  return dot(front(deltas_[last], count), front(tangents_[last], count));
}

std::span<const double> UpperLayers::backward(std::size_t rows,
                                              std::span<const std::vector<UnitSplit>> splits,
                                              std::span<LayerSums> sums) {
  for (std::size_t l = network_.layers.size() - 1; l > 0; --l) {
    const Layer& layer = network_.layers[l];
    const std::size_t below = rows * layer.inputs;
    add_gradient(layer, values_[l - 1], deltas_[l], rows, sums[l - 1].open_chunk());
    sums[l - 1].close_chunk(splits[l]);
    pull_back(layer, parameters_.values(l), deltas_[l], rows, deltas_[l - 1]);
    multiply_by_derivative(network_.activation, front(values_[l - 1], below),
                           front(deltas_[l - 1], below));
  }
  return std::span(deltas_.front()).first(rows * network_.layers.front().outputs);
}

}  // namespace annmpi::model::cpu
