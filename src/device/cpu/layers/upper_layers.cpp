#include "device/cpu/layers/upper_layers.hpp"

#include <algorithm>
#include <type_traits>

#include "annmpi/device/memory_plan.hpp"

#include "device/cpu/gemm/blas.hpp"
#include "device/cpu/gemm/dot.hpp"
#include "device/cpu/gemm/wide_layer.hpp"
#include "device/cpu/layers/activations.hpp"
#include "device/cpu/layers/hits.hpp"
#include "device/cpu/layers/losses.hpp"
#include "device/cpu/layers/upper_affine.hpp"

namespace annmpi::device::cpu {
namespace {

template <class Number>
std::span<Number> front(std::span<Number> values, std::size_t count) {
  return values.first(count);
}
template <class Number>
std::span<Number> front(std::vector<Number>& values, std::size_t count) {
  return std::span(values).first(count);
}
template <class Number>
std::span<const Number> front(const std::vector<Number>& values, std::size_t count) {
  return std::span(values).first(count);
}

}  // namespace

template <class Real>
UpperLayers<Real>::UpperLayers(const network::Network& network,
                               const UpperParameters<Real>& parameters, std::size_t chunk_rows)
    : network_(network), parameters_(parameters) {
  for (std::size_t l = 1; l < network_.layers.size(); ++l)
    if (!upper::is_small(network_.layers[l])) blas();
  scratch_.resize(chunk_rows * kept_width(network_));
  logits_.resize(chunk_rows * network_.classes());
  hidden_deltas_.resize(chunk_rows * network_.hidden_units());
  values_.resize(network_.layers.size());
  arguments_.resize(network_.layers.size());
  for (std::span<Real> rest = hidden_deltas_; const network::Layer& layer : network_.layers) {
    const std::size_t count = chunk_rows * layer.outputs;
    tangents_.emplace_back(count);
    deltas_.push_back(rest.first(std::min(count, rest.size())));
    rest = rest.subspan(deltas_.back().size());
  }
  values_.back() = arguments_.back() = logits_;
  if constexpr (std::is_same_v<Real, float>)
    doubles_.resize(chunk_rows * std::max(network_.layers.front().outputs, 2 * network_.classes()));
  work_in(chunk_rows, {});
}

template <class Real>
void UpperLayers<Real>::work_in(std::size_t rows, std::span<Real> memory) {
  std::span<Real> rest = memory.empty() ? scratch_ : memory;
  for (std::size_t l = 0; l + 1 < network_.layers.size(); ++l) {
    values_[l] = rest.first(rows * network_.layers[l].outputs);
    rest = rest.subspan(values_[l].size());
    arguments_[l] = values_[l];
    if (!rules::needs_argument(network_.activation)) continue;
    arguments_[l] = rest.first(values_[l].size());
    rest = rest.subspan(arguments_[l].size());
  }
  deltas_.back() = rest.first(rows * network_.classes());
}

template <class Real>
void UpperLayers<Real>::activate(std::size_t l, std::size_t rows) {
  const std::size_t count = rows * network_.layers[l].outputs;
  kernels::activate<Real>(network_.activation, front(arguments_[l], count),
                          front(values_[l], count));
}

template <class Real>
void UpperLayers<Real>::multiply_by_derivative(std::size_t l, std::size_t rows,
                                               std::span<Real> factors) {
  const std::size_t count = rows * network_.layers[l].outputs;
  kernels::multiply_by_derivative<Real>(network_.activation, front(arguments_[l], count),
                                        front(values_[l], count), factors.first(count));
}

template <class Real>
void UpperLayers<Real>::forward(std::span<const double> Z, std::span<const double> D,
                                std::size_t rows) {
  const std::size_t last = network_.layers.size() - 1;
  const auto first_values = front(values_[0], Z.size());
  if (last == 0) return kernels::move_along(Z, D, parameters_.step(), first_values);
  kernels::activate_at(network_.activation, Z, D, parameters_.step(),
                       front(arguments_[0], Z.size()), first_values);
  for (std::size_t l = 1; l <= last; ++l) {
    const network::Layer& layer = network_.layers[l];
    upper::affine<Real>(layer, rows, values_[l - 1], parameters_.values(l), arguments_[l]);
    if (l < last) activate(l, rows);
  }
}

template <class Real>
void UpperLayers<Real>::forward_along(std::span<const double> Z, std::span<const double> D,
                                      std::size_t rows) {
  const std::size_t last = network_.layers.size() - 1;
  const auto first_values = front(values_[0], Z.size());
  if (last == 0) {
    std::ranges::transform(D, tangents_[0].begin(),
                           [](double change) { return static_cast<Real>(change); });
    return kernels::move_along(Z, D, parameters_.step(), first_values);
  }
  kernels::activate_along(network_.activation, Z, D, parameters_.step(),
                          front(arguments_[0], Z.size()), first_values,
                          std::span<Real>(tangents_[0]));
  for (std::size_t l = 1; l <= last; ++l) {
    const network::Layer& layer = network_.layers[l];
    upper::affine_along<Real>(layer, rows, values_[l - 1], tangents_[l - 1], parameters_.values(l),
                              parameters_.direction(l), arguments_[l], tangents_[l]);
    if (l == last) break;
    activate(l, rows);
    multiply_by_derivative(l, rows, tangents_[l]);
  }
}

template <class Real>
std::span<const Real> UpperLayers<Real>::logits(std::size_t rows) const {
  return front(values_.back(), rows * network_.classes());
}

template <class Real>
double UpperLayers<Real>::loss(std::span<const std::int32_t> labels) {
  const std::size_t count = labels.size() * network_.classes();
  const std::span<const Real> z = front(values_.back(), count);
  const std::span<Real> delta = front(deltas_.back(), count);
  if constexpr (std::is_same_v<Real, float>)
    return kernels::loss_and_delta(network_.output, z, labels, network_.classes(), delta, doubles_);
  else
    return kernels::loss_and_delta(network_.output, z, labels, network_.classes(), delta);
}

template <class Real>
std::int64_t UpperLayers<Real>::hits(std::span<const std::int32_t> labels) const {
  return kernels::count_hits(logits(labels.size()), labels, network_.classes());
}

template <class Real>
double UpperLayers<Real>::slope(std::size_t rows) const {
  const std::size_t count = rows * network_.classes();
  return kernels::fixed_order_dot(std::span<const Real>(front(deltas_.back(), count)),
                                  std::span<const Real>(front(tangents_.back(), count)));
}

template <class Real>
std::span<const double> UpperLayers<Real>::backward(std::size_t rows,
                                                    const network::GradientSplits& splits,
                                                    std::span<LayerSums<Real>> sums) {
  for (std::size_t l = network_.layers.size() - 1; l > 0; --l) {
    const network::Layer& layer = network_.layers[l];
    upper::add_gradient<Real>(layer, rows, values_[l - 1], deltas_[l], sums[l - 1].open_chunk());
    sums[l - 1].close_chunk(splits.of_layer(l));
    upper::pull_back<Real>(layer, rows, deltas_[l], parameters_.values(l), deltas_[l - 1]);
    multiply_by_derivative(l - 1, rows, deltas_[l - 1]);
  }
  const std::span<const Real> delta =
      front(deltas_.front(), rows * network_.layers.front().outputs);
  if constexpr (std::is_same_v<Real, float>) {
    kernels::convert(delta, doubles_);
    return std::span<const double>(doubles_).first(delta.size());
  } else {
    return delta;
  }
}

template class UpperLayers<double>;
template class UpperLayers<float>;

}  // namespace annmpi::device::cpu
