#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/small_layers.cpp"
#include <algorithm>
#include <cmath>
#include <iterator>

#include <hwy/foreach_target.h>

#include "device/cpu/layers/small_layers.hpp"
#include "device/cpu/narrow/columns-inl.hpp"
#include "device/cpu/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// Operands of the affine map; the tangent's pointers are null where none is computed.
template <class Real>
struct Affine {
  std::size_t inputs, outputs;
  const Real* values;
  const Real* tangents;
  const Real* parameters;
  const Real* direction;
  Real* z;
  Real* dz;
};

/// Stores K outputs, each a vector over rows, as columns of a row-major matrix.
template <std::size_t K, class Real>
HWY_INLINE void store_outputs(const hn::Vec<Vectors<Real>> (&outputs)[K], std::size_t row_length,
                              Real* to) {
  constexpr Vectors<Real> vectors;
  if (K == row_length) {
    if constexpr (K == 1) return hn::StoreU(outputs[0], vectors, to);
    if constexpr (K == 2) return hn::StoreInterleaved2(outputs[0], outputs[1], vectors, to);
    if constexpr (K == 3)
      return hn::StoreInterleaved3(outputs[0], outputs[1], outputs[2], vectors, to);
    if constexpr (K == 4)
      return hn::StoreInterleaved4(outputs[0], outputs[1], outputs[2], outputs[3], vectors, to);
  }
  const hn::RebindToSigned<Vectors<Real>> places;
  const auto begins = hn::Mul(
      hn::Iota(places, 0), hn::Set(places, static_cast<hn::TFromD<decltype(places)>>(row_length)));
#pragma GCC unroll 4
  for (std::size_t k = 0; k < K; ++k) hn::ScatterIndex(outputs[k], vectors, to + k, begins);
}

/// Not unrolled where speed does not matter: sanitizers' compilers take a minute over it.
constexpr int unrolled_columns = vector_registers == 8 ? 1 : columns_at_once;

/// Outputs k to k + K - 1 of the rows that fill whole vectors.
template <class Real, std::size_t K, bool Tangent>
void affine_block(const Affine<Real>& layer, std::size_t rows, std::size_t k) {
  constexpr Vectors<Real> vectors;
  constexpr std::size_t width = hn::MaxLanes(vectors);
  using Vector = hn::Vec<Vectors<Real>>;
  const std::size_t row_length = 1 + layer.inputs;
  const Real* const W = layer.parameters + k * row_length;
  const Real* const V = Tangent ? layer.direction + k * row_length : W;
  for (std::size_t i = 0; i < rows; i += width) {
    Vector sum[K];
    Vector slope[K];
#pragma GCC unroll 4
    for (std::size_t o = 0; o < K; ++o) {
      sum[o] = hn::Set(vectors, W[o * row_length]);
      slope[o] = hn::Set(vectors, V[o * row_length]);
    }
    const auto add = [&](std::size_t j, Vector a, Vector da) {
#pragma GCC unroll 4
      for (std::size_t o = 0; o < K; ++o) {
        const Vector w = hn::Set(vectors, W[o * row_length + 1 + j]);
        sum[o] = fused(w, a, sum[o]);
        if constexpr (Tangent) {
          const Vector v = hn::Set(vectors, V[o * row_length + 1 + j]);
          slope[o] = fused(v, a, fused(w, da, slope[o]));
        }
      }
    };
    const Real* const values = layer.values + i * layer.inputs;
    const Real* const tangents = Tangent ? layer.tangents + i * layer.inputs : values;
    std::size_t j = 0;
    for (; j + columns_at_once <= layer.inputs; j += columns_at_once) {
      Vector a[columns_at_once];
      Vector da[columns_at_once];
      load_columns(values + j, layer.inputs, a);
      if constexpr (Tangent) load_columns(tangents + j, layer.inputs, da);
#pragma GCC unroll unrolled_columns
      for (std::size_t c = 0; c < columns_at_once; ++c) add(j + c, a[c], Tangent ? da[c] : a[c]);
    }
    for (; j < layer.inputs; ++j)
      add(j, load_column(values + j, layer.inputs), load_column(tangents + j, layer.inputs));
    store_outputs<K>(sum, layer.outputs, layer.z + i * layer.outputs + k);
    if constexpr (Tangent) store_outputs<K>(slope, layer.outputs, layer.dz + i * layer.outputs + k);
  }
}

/// The same operations for one row.
template <class Real, bool Tangent>
void affine_row(const Affine<Real>& layer, std::size_t i) {
  const std::size_t row_length = 1 + layer.inputs;
  for (std::size_t k = 0; k < layer.outputs; ++k) {
    const Real* const w = layer.parameters + k * row_length;
    Real sum = w[0];
    Real slope = Tangent ? layer.direction[k * row_length] : 0;
    for (std::size_t j = 0; j < layer.inputs; ++j) {
      const Real a = layer.values[i * layer.inputs + j];
      sum = std::fma(w[1 + j], a, sum);
      if constexpr (Tangent)
        slope = std::fma(layer.direction[k * row_length + 1 + j], a,
                         std::fma(w[1 + j], layer.tangents[i * layer.inputs + j], slope));
    }
    layer.z[i * layer.outputs + k] = sum;
    if constexpr (Tangent) layer.dz[i * layer.outputs + k] = slope;
  }
}

template <bool Tangent, class Real>
HWY_INLINE void affine_rows(const Affine<Real>& layer, std::size_t rows) {
  constexpr std::size_t width = hn::MaxLanes(Vectors<Real>());
  static constexpr decltype(&affine_block<Real, 1, Tangent>) blocks[] = {
      affine_block<Real, 1, Tangent>, affine_block<Real, 2, Tangent>,
      affine_block<Real, 3, Tangent>, affine_block<Real, 4, Tangent>};
  const std::size_t whole = rows / width * width;
  for (std::size_t k = 0; k < layer.outputs; k += std::size(blocks))
    blocks[std::min(layer.outputs - k, std::size(blocks)) - 1](layer, whole, k);
  for (std::size_t i = whole; i < rows; ++i) affine_row<Real, Tangent>(layer, i);
}

/// Vectors of inputs: at most 8 lanes in floats too, since layers of 8 units are the common case.
template <class Real>
using Eight = hn::CappedTag<Real, 8>;

template <class Real>
void pull_back(std::size_t rows, std::size_t inputs, std::size_t outputs,
               std::span<const Real> deltas, std::span<const Real> parameters,
               std::span<Real> out) {
  const Real* delta = deltas.data();
  Real* below = out.data();
  constexpr Eight<Real> vectors;
  using Vector = hn::Vec<Eight<Real>>;
  constexpr std::size_t width = hn::MaxLanes(vectors);
  const std::size_t whole = inputs / width * width;
  for (std::size_t i = 0; i < rows; ++i, delta += outputs, below += inputs) {
    for (std::size_t j = 0; j < whole; j += width) {
      Vector sum = hn::Zero(vectors);
      const Real* w = parameters.data() + 1 + j;
      for (std::size_t k = 0; k < outputs; ++k, w += 1 + inputs)
        sum = fused(hn::Set(vectors, delta[k]), hn::LoadU(vectors, w), sum);
      hn::StoreU(sum, vectors, below + j);
    }
    for (std::size_t j = whole; j < inputs; ++j) {
      Real sum = 0;
      for (std::size_t k = 0; k < outputs; ++k)
        sum = std::fma(delta[k], parameters[k * (1 + inputs) + 1 + j], sum);
      below[j] = sum;
    }
  }
}

/// Gradient of the weights of K outputs and one vector of inputs; pointers at the first of both.
template <class Real, std::size_t K>
void gradient_block(std::size_t rows, std::size_t inputs, std::size_t outputs, const Real* values,
                    const Real* delta, Real* gradient) {
  constexpr Eight<Real> vectors;
  using Vector = hn::Vec<Eight<Real>>;
  Vector sum[K];
#pragma GCC unroll 4
  for (std::size_t k = 0; k < K; ++k) sum[k] = hn::LoadU(vectors, gradient + k * (1 + inputs));
  for (std::size_t i = 0; i < rows; ++i, values += inputs, delta += outputs) {
    const Vector a = hn::LoadU(vectors, values);
#pragma GCC unroll 4
    for (std::size_t k = 0; k < K; ++k) sum[k] = fused(hn::Set(vectors, delta[k]), a, sum[k]);
  }
#pragma GCC unroll 4
  for (std::size_t k = 0; k < K; ++k) hn::StoreU(sum[k], vectors, gradient + k * (1 + inputs));
}

template <class Real>
void add_gradient(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const Real> values, std::span<const Real> delta,
                  std::span<Real> gradient) {
  constexpr std::size_t width = hn::MaxLanes(Eight<Real>());
  static constexpr decltype(&gradient_block<Real, 1>) blocks[] = {
      gradient_block<Real, 1>, gradient_block<Real, 2>, gradient_block<Real, 3>,
      gradient_block<Real, 4>};
  const std::size_t whole = inputs / width * width;
  const std::size_t row_length = 1 + inputs;
  for (std::size_t k = 0; k < outputs; k += std::size(blocks))
    for (std::size_t j = 0; j < whole; j += width)
      blocks[std::min(outputs - k, std::size(blocks)) - 1](
          rows, inputs, outputs, values.data() + j, delta.data() + k,
          gradient.data() + k * row_length + 1 + j);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < outputs; ++k) {
      Real* const row = gradient.data() + k * row_length;
      const Real factor = delta[i * outputs + k];
      row[0] += factor;
      for (std::size_t j = whole; j < inputs; ++j)
        row[1 + j] = std::fma(factor, values[i * inputs + j], row[1 + j]);
    }
}

template <class Real>
void affine(std::size_t rows, std::size_t inputs, std::size_t outputs, std::span<const Real> values,
            std::span<const Real> parameters, std::span<Real> z) {
  affine_rows<false, Real>(
      {inputs, outputs, values.data(), nullptr, parameters.data(), nullptr, z.data(), nullptr},
      rows);
}
template <class Real>
void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const Real> values, std::span<const Real> tangents,
                  std::span<const Real> parameters, std::span<const Real> direction,
                  std::span<Real> z, std::span<Real> dz) {
  affine_rows<true, Real>({inputs, outputs, values.data(), tangents.data(), parameters.data(),
                           direction.data(), z.data(), dz.data()},
                          rows);
}
ANNMPI_KERNEL(affine)
ANNMPI_KERNEL(affine_along)
ANNMPI_KERNEL(pull_back)
ANNMPI_KERNEL(add_gradient)

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

ANNMPI_EXPORT(affine)
ANNMPI_EXPORT(affine_along)
ANNMPI_EXPORT(pull_back)
ANNMPI_EXPORT(add_gradient)

template <class Real>
void affine(std::size_t rows, std::size_t inputs, std::size_t outputs, std::span<const Real> values,
            std::span<const Real> parameters, std::span<Real> z) {
  ANNMPI_DISPATCH(Real, affine)(rows, inputs, outputs, values, parameters, z);
}
template <class Real>
void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const Real> values, std::span<const Real> tangents,
                  std::span<const Real> parameters, std::span<const Real> direction,
                  std::span<Real> z, std::span<Real> dz) {
  ANNMPI_DISPATCH(Real, affine_along)
  (rows, inputs, outputs, values, tangents, parameters, direction, z, dz);
}
template <class Real>
void pull_back(std::size_t rows, std::size_t inputs, std::size_t outputs,
               std::span<const Real> delta, std::span<const Real> parameters,
               std::span<Real> below) {
  ANNMPI_DISPATCH(Real, pull_back)(rows, inputs, outputs, delta, parameters, below);
}
template <class Real>
void add_gradient(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const Real> values, std::span<const Real> delta,
                  std::span<Real> gradient) {
  ANNMPI_DISPATCH(Real, add_gradient)(rows, inputs, outputs, values, delta, gradient);
}
ANNMPI_INSTANTIATE_KERNEL(affine)
ANNMPI_INSTANTIATE_KERNEL(affine_along)
ANNMPI_INSTANTIATE_KERNEL(pull_back)
ANNMPI_INSTANTIATE_KERNEL(add_gradient)

}  // namespace annmpi::device::cpu::kernels
#endif
