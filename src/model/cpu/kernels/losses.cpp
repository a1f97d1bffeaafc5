#include "model/cpu/kernels/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/cpu/kernels/losses.cpp"
#include <algorithm>
#include <array>

#include <hwy/foreach_target.h>

#include "model/cpu/kernels/lane_sums-inl.hpp"
#include "model/cpu/kernels/losses.hpp"
#include "model/cpu/kernels/vector_math-inl.hpp"
#include "model/cpu/kernels/vector_math.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::model::cpu::kernels::HWY_NAMESPACE {

constexpr std::size_t lanes = logical_lanes<double>;
constexpr Vectors<double> vectors;
constexpr std::size_t step = hn::MaxLanes(vectors);
using Vector = hn::Vec<Vectors<double>>;

/// Loss of logistic units; in `delta` the targets, 0 or 1, become sigmoid(z) - target. With u = z
/// for target 0 and -z for target 1, the loss is softplus(u), and delta is sigmoid(u) or
/// -sigmoid(u): nothing cancels.
HWY_INLINE Vector logistic_vector(Vector z, double* delta) {
  const Vector zero = hn::Zero(vectors);
  const auto hit = hn::Gt(hn::LoadU(vectors, delta), zero);
  const Vector u = hn::IfThenElse(hit, hn::Neg(z), z);
  const Vector decay = decay_of(vectors, z);
  const Vector chance = sigmoid_from(vectors, u, decay);
  hn::StoreU(hn::IfThenElse(hit, hn::Neg(chance), chance), vectors, delta);
  const Vector loss = hn::Add(hn::IfThenElse(hn::Lt(u, zero), zero, u), log1p_of(vectors, decay));
  return hn::Add(loss, hn::Sub(z, z));  // NaN where the logit is infinite
}

/// As many elements as there are logical lanes; adds their losses to `sums`.
HWY_INLINE void logistic_step(const double* z, double* delta, double* sums) {
  for (std::size_t part = 0; part < lanes; part += step) {
    const Vector losses = logistic_vector(hn::LoadU(vectors, z + part), delta + part);
    hn::Store(hn::Add(hn::Load(vectors, sums + part), losses), vectors, sums + part);
  }
}

double logistic_flat(const double* z, std::size_t count, double* delta) {
  alignas(64) double sums[lanes] = {};
  const std::size_t whole = count / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes) logistic_step(z + i, delta + i, sums);
  if (whole < count) {  // filled up to all lanes, of which only these count
    alignas(64) double logits[lanes] = {};
    alignas(64) double targets[lanes] = {};
    alignas(64) double losses[lanes] = {};
    std::copy(z + whole, z + count, logits);
    std::copy(delta + whole, delta + count, targets);
    logistic_step(logits, targets, losses);
    std::copy_n(targets, count - whole, delta + whole);
    for (std::size_t l = 0; l < count - whole; ++l) sums[l] += losses[l];
  }
  return sum_of_lanes(sums);
}

}  // namespace annmpi::model::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::model::cpu::kernels {
namespace {

HWY_EXPORT(logistic_flat);

double logistic_loss(std::span<const double> z, std::span<const std::int32_t> labels,
                     std::size_t classes, std::span<double> delta) {
  const std::size_t count = labels.size() * classes;
  std::fill_n(delta.begin(), count, 0.0);
  for (std::size_t i = 0; i < labels.size(); ++i)
    delta[i * classes + static_cast<std::size_t>(labels[i])] = 1.0;
  return HWY_DYNAMIC_DISPATCH(logistic_flat)(z.data(), count, delta.data());
}

/// Rows whose logarithms are taken together.
constexpr std::size_t softmax_rows = 32;

double softmax_loss(std::span<const double> z, std::span<const std::int32_t> labels,
                    std::size_t classes, std::span<double> delta) {
  double loss = 0;
  std::array<double, softmax_rows> sums{};
  for (std::size_t first = 0; first < labels.size(); first += softmax_rows) {
    const std::size_t rows = std::min(softmax_rows, labels.size() - first);
    const std::span<double> part = delta.subspan(first * classes, rows * classes);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto logits = z.subspan((first + i) * classes, classes);
      const double largest = *std::max_element(logits.begin(), logits.end());
      for (std::size_t k = 0; k < classes; ++k) part[i * classes + k] = logits[k] - largest;
      loss -= part[i * classes + static_cast<std::size_t>(labels[first + i])];
    }
    kernels::exp(part, part);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto row = part.subspan(i * classes, classes);
      double sum = 0;
      for (const double value : row) sum += value;
      for (double& value : row) value /= sum;
      row[static_cast<std::size_t>(labels[first + i])] -= 1.0;
      sums[i] = sum;
    }
    const auto logarithms = std::span(sums).first(rows);
    log_from_one(logarithms, logarithms);
    for (const double logarithm : logarithms) loss += logarithm;
  }
  return loss;
}

}  // namespace

double loss_and_delta(OutputUnit output, std::span<const double> z,
                      std::span<const std::int32_t> labels, std::size_t classes,
                      std::span<double> delta) {
  return output == OutputUnit::sigmoid ? logistic_loss(z, labels, classes, delta)
                                       : softmax_loss(z, labels, classes, delta);
}

}  // namespace annmpi::model::cpu::kernels
#endif
