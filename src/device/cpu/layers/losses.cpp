#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/losses.cpp"
#include <algorithm>
#include <array>

#include <hwy/foreach_target.h>

#include "annmpi/rules/losses-inl.hpp"

#include "device/cpu/gemm/wide_layer.hpp"
#include "device/cpu/layers/losses.hpp"
#include "device/cpu/simd/dispatch.hpp"
#include "device/cpu/simd/lane_sums-inl.hpp"
#include "device/cpu/simd/vector_math.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// Losses of a vector of sigmoid units; replaces the targets in `delta`, 0 or 1, by d loss / d z.
template <class D, class Real>
HWY_INLINE hn::Vec<D> sigmoid_losses(D vectors, hn::Vec<D> z, Real* delta) {
  const auto is_label = hn::Gt(hn::LoadU(vectors, delta), hn::Zero(vectors));
  auto deltas = z;
  const auto losses = formulas::SigmoidLoss::loss(z, is_label, deltas);
  hn::StoreU(deltas, vectors, delta);
  return losses;
}

/// Sums of losses, one double per logical lane of Reals.
template <class Real>
struct LossSums {
  static constexpr std::size_t lanes = logical_lanes<Real>;
  alignas(64) double sums[lanes] = {};

  /// Processes as many elements as there are logical lanes and adds the first `count` of them.
  HWY_INLINE void add(const Real* z, Real* delta, std::size_t count) {
    constexpr Vectors<Real> vectors;
    alignas(64) Real losses[lanes];
    for (std::size_t part = 0; part < lanes; part += hn::MaxLanes(vectors))
      hn::Store(sigmoid_losses(vectors, hn::LoadU(vectors, z + part), delta + part), vectors,
                losses + part);
    if (count == lanes) {
      constexpr Vectors<double> wide;
      for (std::size_t part = 0; part < lanes; part += hn::MaxLanes(wide))
        hn::Store(hn::Add(hn::Load(wide, sums + part), load_as(wide, losses + part)), wide,
                  sums + part);
    } else {
      for (std::size_t l = 0; l < count; ++l) sums[l] += static_cast<double>(losses[l]);
    }
  }

  [[nodiscard]] double total() {
    for (std::size_t l = 8; l < lanes; ++l) sums[l - 8] += sums[l];
    return sum_of_lanes(sums);
  }
};

template <class Real>
double sum_sigmoid_losses(const Real* z, std::size_t count, Real* delta) {
  LossSums<Real> sums;
  constexpr std::size_t lanes = sums.lanes;
  const std::size_t whole = count / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes) sums.add(z + i, delta + i, lanes);
  if (whole < count) {  // padded to all lanes
    alignas(64) Real logits[lanes] = {};
    alignas(64) Real targets[lanes] = {};
    std::copy(z + whole, z + count, logits);
    std::copy(delta + whole, delta + count, targets);
    sums.add(logits, targets, count - whole);
    std::copy_n(targets, count - whole, delta + whole);
  }
  return sums.total();
}

ANNMPI_KERNEL(sum_sigmoid_losses)

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {
namespace {

ANNMPI_EXPORT(sum_sigmoid_losses)

template <class Real>
double sigmoid_loss(std::span<const Real> z, std::span<const std::int32_t> labels,
                    std::size_t classes, std::span<Real> delta) {
  const std::size_t count = labels.size() * classes;
  std::fill_n(delta.begin(), count, Real(0));
  for (std::size_t i = 0; i < labels.size(); ++i)
    delta[i * classes + static_cast<std::size_t>(labels[i])] = 1;
  return ANNMPI_DISPATCH(Real, sum_sigmoid_losses)(z.data(), count, delta.data());
}

/// Rows per call of the vectorised logarithm.
constexpr std::size_t softmax_rows = 32;

double softmax_loss(std::span<const double> z, std::span<const std::int32_t> labels,
                    std::size_t classes, std::span<double> delta) {
  double loss = 0;
  std::array<double, softmax_rows> sums{};
  for (std::size_t first = 0; first < labels.size(); first += softmax_rows) {
    const std::size_t rows = std::min(softmax_rows, labels.size() - first);
    const std::span<double> block = delta.subspan(first * classes, rows * classes);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto logits = z.subspan((first + i) * classes, classes);
      const double largest = *std::max_element(logits.begin(), logits.end());
      for (std::size_t k = 0; k < classes; ++k) block[i * classes + k] = logits[k] - largest;
      loss -= block[i * classes + static_cast<std::size_t>(labels[first + i])];
    }
    kernels::exp(block, block);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto row = block.subspan(i * classes, classes);
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

double loss_and_delta(rules::OutputUnit output, std::span<const double> z,
                      std::span<const std::int32_t> labels, std::size_t classes,
                      std::span<double> delta) {
  switch (output) {
    case rules::OutputUnit::sigmoid:
      return sigmoid_loss(z, labels, classes, delta);
    case rules::OutputUnit::softmax:
      return softmax_loss(z, labels, classes, delta);
  }
  ANNMPI_UNREACHABLE
}

double loss_and_delta(rules::OutputUnit output, std::span<const float> z,
                      std::span<const std::int32_t> labels, std::size_t classes,
                      std::span<float> delta, std::span<double> scratch) {
  const std::size_t count = labels.size() * classes;
  switch (output) {
    case rules::OutputUnit::sigmoid:
      return sigmoid_loss(z, labels, classes, delta);
    case rules::OutputUnit::softmax: {
      const std::span<double> logits = scratch.first(count);
      const std::span<double> deltas = scratch.subspan(count, count);
      convert(z.first(count), logits);
      const double loss = softmax_loss(logits, labels, classes, deltas);
      convert(std::span<const double>(deltas), delta);
      return loss;
    }
  }
  ANNMPI_UNREACHABLE
}

}  // namespace annmpi::device::cpu::kernels
#endif
