#include "model/cpu/kernels/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/cpu/kernels/trial.cpp"
#include <algorithm>
#include <iterator>

#include <hwy/foreach_target.h>

#include "model/cpu/kernels/lane_sums-inl.hpp"
#include "model/cpu/kernels/trial.hpp"
#include "model/cpu/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::model::cpu::kernels::HWY_NAMESPACE {

constexpr std::size_t lanes = logical_lanes<double>;
constexpr Vectors<double> vectors;
constexpr std::size_t step = hn::MaxLanes(vectors);
using Vector = hn::Vec<Vectors<double>>;

HWY_INLINE void sigmoid_vector(Vector Z, Vector D, Vector along, double* values, double* tangents) {
  const Vector value = Sigmoid::of(vectors, fused(vectors, along, D, Z));
  const Vector slope = hn::Mul(value, hn::Sub(hn::Set(vectors, 1.0), value));
  hn::StoreU(value, vectors, values);
  hn::StoreU(hn::Mul(slope, D), vectors, tangents);
}

void sigmoid_flat(const double* Z, const double* D, double along, std::size_t count, double* values,
                  double* tangents) {
  const Vector length = hn::Set(vectors, along);
  std::size_t i = 0;
  for (; i + step <= count; i += step)
    sigmoid_vector(hn::LoadU(vectors, Z + i), hn::LoadU(vectors, D + i), length, values + i,
                   tangents + i);
  if (i == count) return;
  alignas(64) double last[4][step] = {};
  std::copy(Z + i, Z + count, last[0]);
  std::copy(D + i, D + count, last[1]);
  sigmoid_vector(hn::Load(vectors, last[0]), hn::Load(vectors, last[1]), length, last[2], last[3]);
  std::copy_n(last[2], count - i, values + i);
  std::copy_n(last[3], count - i, tangents + i);
}

/// K of the outputs for as many rows as a vector has lanes; pointers at the first of each.
template <std::size_t K>
void affine_block(std::size_t inputs, std::size_t outputs, const double* values,
                  const double* tangents, const double* parameters, const double* direction,
                  double* z, double* dz) {
  const std::size_t row_length = 1 + inputs;
  const hn::RebindToSigned<Vectors<double>> places;
  const auto rows = hn::Iota(places, 0);
  const auto in = hn::Mul(rows, hn::Set(places, static_cast<std::int64_t>(inputs)));
  const auto out = hn::Mul(rows, hn::Set(places, static_cast<std::int64_t>(outputs)));
  Vector sum[K];
  Vector slope[K];
#pragma GCC unroll 4
  for (std::size_t k = 0; k < K; ++k) {
    sum[k] = hn::Set(vectors, parameters[k * row_length]);
    slope[k] = hn::Set(vectors, direction[k * row_length]);
  }
  for (std::size_t j = 0; j < inputs; ++j) {
    const Vector a = hn::GatherIndex(vectors, values + j, in);
    const Vector da = hn::GatherIndex(vectors, tangents + j, in);
#pragma GCC unroll 4
    for (std::size_t k = 0; k < K; ++k) {
      const Vector w = hn::Set(vectors, parameters[k * row_length + 1 + j]);
      const Vector v = hn::Set(vectors, direction[k * row_length + 1 + j]);
      sum[k] = fused(vectors, w, a, sum[k]);
      slope[k] = fused(vectors, v, a, fused(vectors, w, da, slope[k]));
    }
  }
#pragma GCC unroll 4
  for (std::size_t k = 0; k < K; ++k) {
    hn::ScatterIndex(sum[k], vectors, z + k, out);
    hn::ScatterIndex(slope[k], vectors, dz + k, out);
  }
}

void affine_rows(std::size_t rows, std::size_t inputs, std::size_t outputs, const double* values,
                 const double* tangents, const double* parameters, const double* direction,
                 double* z, double* dz) {
  static constexpr decltype(&affine_block<1>) blocks[] = {affine_block<1>, affine_block<2>,
                                                          affine_block<3>, affine_block<4>};
  const std::size_t row_length = 1 + inputs;
  std::size_t i = 0;
  for (; i + step <= rows; i += step) {
    const double* const a = values + i * inputs;
    const double* const da = tangents + i * inputs;
    for (std::size_t k = 0; k < outputs; k += std::size(blocks)) {
      const auto block = blocks[std::min(outputs - k, std::size(blocks)) - 1];
      block(inputs, outputs, a, da, parameters + k * row_length, direction + k * row_length,
            z + i * outputs + k, dz + i * outputs + k);
    }
  }
  for (; i < rows; ++i)  // the same operations, one row at a time
    for (std::size_t k = 0; k < outputs; ++k) {
      const double* const w = parameters + k * row_length;
      const double* const v = direction + k * row_length;
      double sum = w[0];
      double slope = v[0];
      for (std::size_t j = 0; j < inputs; ++j) {
        const double a = values[i * inputs + j];
        sum = std::fma(w[1 + j], a, sum);
        slope = std::fma(v[1 + j], a, std::fma(w[1 + j], tangents[i * inputs + j], slope));
      }
      z[i * outputs + k] = sum;
      dz[i * outputs + k] = slope;
    }
}

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
  return hn::Add(hn::IfThenElse(hn::Lt(u, zero), zero, u), log1p_of(vectors, decay));
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

double dot_flat(const double* x, const double* y, std::size_t count) {
  alignas(64) double sums[lanes];
  const std::size_t whole = count / lanes * lanes;
  alignas(64) double last[2][lanes] = {};
  std::copy(x + whole, x + count, last[0]);
  std::copy(y + whole, y + count, last[1]);
  for (std::size_t part = 0; part < lanes; part += step) {
    Vector sum = hn::Zero(vectors);
    for (std::size_t i = part; i < whole; i += lanes)
      sum = fused(vectors, hn::LoadU(vectors, x + i), hn::LoadU(vectors, y + i), sum);
    sum = fused(vectors, hn::Load(vectors, last[0] + part), hn::Load(vectors, last[1] + part), sum);
    hn::Store(sum, vectors, sums + part);
  }
  return sum_of_lanes(sums);
}

}  // namespace annmpi::model::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::model::cpu::kernels {

HWY_EXPORT(sigmoid_flat);
HWY_EXPORT(affine_rows);
HWY_EXPORT(logistic_flat);
HWY_EXPORT(dot_flat);

void sigmoid_along(std::span<const double> Z, std::span<const double> D, double step,
                   std::span<double> values, std::span<double> tangents) {
  HWY_DYNAMIC_DISPATCH(sigmoid_flat)
  (Z.data(), D.data(), step, Z.size(), values.data(), tangents.data());
}

void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const double> values, std::span<const double> tangents,
                  std::span<const double> parameters, std::span<const double> direction,
                  std::span<double> z, std::span<double> dz) {
  HWY_DYNAMIC_DISPATCH(affine_rows)
  (rows, inputs, outputs, values.data(), tangents.data(), parameters.data(), direction.data(),
   z.data(), dz.data());
}

double logistic_loss(std::span<const double> z, std::span<const std::int32_t> labels,
                     std::size_t classes, std::span<double> delta) {
  std::fill(delta.begin(), delta.end(), 0.0);
  for (std::size_t i = 0; i < labels.size(); ++i)
    delta[i * classes + static_cast<std::size_t>(labels[i])] = 1.0;
  return HWY_DYNAMIC_DISPATCH(logistic_flat)(z.data(), labels.size() * classes, delta.data());
}

double fixed_order_dot(std::span<const double> x, std::span<const double> y) {
  return HWY_DYNAMIC_DISPATCH(dot_flat)(x.data(), y.data(), x.size());
}

}  // namespace annmpi::model::cpu::kernels
#endif
