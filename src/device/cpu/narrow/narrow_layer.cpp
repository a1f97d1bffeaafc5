#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "device/cpu/gemm/wide_layer.hpp"
#include "device/cpu/narrow/narrow_kernels.hpp"

/// Narrow layers: the data that the kernels read and write, and the choice of a kernel.
namespace annmpi::device::cpu::kernels {
namespace {

constexpr std::size_t lanes64 = 8;
constexpr std::size_t lanes32 = 16;

constexpr std::size_t blocks_of(std::size_t columns, std::size_t lanes) {
  return (columns + lanes - 1) / lanes;
}

/// packed[block, unit, lane] from rows of [b | W]
template <class Number>
void interleave(std::span<const double> parameters, std::size_t units, std::size_t inputs,
                std::size_t lanes, double scale, std::span<Number> packed) {
  for (std::size_t j = 0; j < units; ++j) {
    const std::span<const double> row = parameters.subspan(j * (1 + inputs) + 1, inputs);
    for (std::size_t c = 0; c < inputs; ++c)
      packed[(c / lanes * units + j) * lanes + c % lanes] = static_cast<Number>(scale * row[c]);
  }
}

}  // namespace

PackedWeights::PackedWeights(std::size_t units, std::size_t inputs, config::Precision precision)
    : inputs_(inputs), precision_(precision), bias_(units) {
  if (precision == config::Precision::float64)
    weights64_.resize(blocks_of(inputs, lanes64) * units * lanes64);
  else
    weights32_.resize(blocks_of(inputs, lanes32) * units * lanes32);
}

void PackedWeights::pack(std::span<const double> parameters, double feature_scale) {
  for (std::size_t j = 0; j < units(); ++j) bias_[j] = parameters[j * (1 + inputs_)];
  if (precision_ == config::Precision::float64)
    interleave(parameters, units(), inputs_, lanes64, feature_scale, std::span(weights64_));
  else
    interleave(parameters, units(), inputs_, lanes32, feature_scale, std::span(weights32_));
}

std::size_t PackedWeights::bytes() const {
  return (bias_.size() + weights64_.size()) * sizeof(double) + weights32_.size() * sizeof(float);
}

GradientSums::GradientSums(std::size_t units, std::size_t inputs, config::Precision precision,
                           Summation summation)
    : units_(units),
      inputs_(inputs),
      precision_(precision),
      summation_(summation),
      bias_offset_(blocks_of(inputs, lanes64) * units * lanes64),
      level_(bias_offset_ + blocks_of(units, lanes64) * lanes64),
      sums_(summation == Summation::exact ? 2 * level_ : level_),
      weight_splits_(units),
      bias_splits_(units) {}

void GradientSums::start(std::span<const exact_sum::Split> weights,
                         std::span<const exact_sum::Split> biases) {
  std::ranges::fill(sums_, 0.0);
  if (summation_ == Summation::plain) return;
  if (weights.size() != units_ || biases.size() != units_)
    throw std::logic_error(
        "exact sums need one split per unit for its weights and one for its bias");
  std::ranges::copy(weights, weight_splits_.begin());
  std::ranges::copy(biases, bias_splits_.begin());
}

void GradientSums::unpack(double feature_scale, std::span<double> gradient) const {
  const bool two_levels = sums_.size() > level_;
  const auto sum = [&](std::size_t e) {
    return two_levels ? sums_[e] + sums_[level_ + e] : sums_[e];
  };
  for (std::size_t j = 0; j < units_; ++j) {
    const std::span<double> row = gradient.subspan(j * (1 + inputs_), 1 + inputs_);
    row[0] = sum(bias_offset() + j);
    for (std::size_t c = 0; c < inputs_; ++c)
      row[1 + c] = feature_scale * sum((c / lanes64 * units_ + j) * lanes64 + c % lanes64);
  }
}

BackwardWorkspace::BackwardWorkspace(std::size_t units, std::size_t chunk_rows,
                                     config::Precision precision)
    : delta(precision == config::Precision::mixed ? units * chunk_rows : 0),
      stripe(chunk_rows * most_stripe_bytes) {}

namespace {

SumsView view_of(GradientSums& sums) {
  return {sums.highs().data(), sums.lows().empty() ? nullptr : sums.lows().data(),
          sums.summation() != Summation::plain ? sums.weight_splits().data() : nullptr,
          sums.units(), blocks_of(sums.inputs(), lanes64) * lanes64};
}

/// Adds sum_i delta_i, each a chain of additions over the rows, to the bias sums.
void add_biases(std::size_t rows, std::span<const double> delta, GradientSums& sums) {
  const std::size_t units = sums.units();
  const std::span<double> highs = sums.highs().subspan(sums.bias_offset());
  constexpr std::size_t batch = 16;  // units: independent chains of additions
  for (std::size_t first = 0; first < units; first += batch) {
    const std::size_t count = std::min(batch, units - first);
    double partial[batch] = {};
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < count; ++j) partial[j] += delta[i * units + first + j];
    for (std::size_t j = 0; j < count; ++j) {
      if (sums.summation() == Summation::plain) {
        highs[first + j] += partial[j];
        continue;
      }
      const exact_sum::Parts parts = exact_sum::parts_of(partial[j], sums.bias_splits()[first + j]);
      highs[first + j] += parts.high;
      if (!sums.lows().empty()) sums.lows()[sums.bias_offset() + first + j] += parts.low;
    }
  }
}

}  // namespace

template <class T>
void narrow_forward(std::span<const T> X, std::size_t rows, const PackedWeights& weights,
                    std::span<double> Z) {
  if (weights.precision() == config::Precision::mixed)
    run_narrow_forward<float>(io::element_type_of<T>, X.data(), rows, weights, Z.data());
  else
    run_narrow_forward<double>(io::element_type_of<T>, X.data(), rows, weights, Z.data());
}

template <class T>
void narrow_backward(std::span<const T> X, std::size_t rows, std::span<const double> delta,
                     GradientSums& sums, BackwardWorkspace& workspace) {
  add_biases(rows, delta, sums);
  const auto run = [&](const auto* factors) {
    run_narrow_backward(io::element_type_of<T>, X.data(), rows, sums.inputs(), factors,
                        view_of(sums), workspace.stripe.data());
  };
  if (sums.precision() == config::Precision::float64) return run(delta.data());
  convert(delta.first(rows * sums.units()), workspace.delta);
  run(workspace.delta.data());
}

#define ANNMPI_INSTANTIATE_FOR(name, T)                                                   \
  template void narrow_forward(std::span<const T>, std::size_t, const PackedWeights&,     \
                               std::span<double>);                                        \
  template void narrow_backward(std::span<const T>, std::size_t, std::span<const double>, \
                                GradientSums&, BackwardWorkspace&);
ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_INSTANTIATE_FOR)
#undef ANNMPI_INSTANTIATE_FOR

}  // namespace annmpi::device::cpu::kernels
