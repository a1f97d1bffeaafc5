#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/small_layers.cpp"
#include <algorithm>
#include <cmath>
#include <iterator>

#include <hwy/foreach_target.h>

#include "device/cpu/narrow/columns-inl.hpp"
#include "device/cpu/layers/small_layers.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// What a layer reads and writes; the tangent's pointers are null where none is asked for.
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

/// K outputs, vectors of rows, into rows of `outputs` numbers.
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

/// K outputs from output k on, for the rows that fill vectors.
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
        sum[o] = fused(vectors, w, a, sum[o]);
        if constexpr (Tangent) {
          const Vector v = hn::Set(vectors, V[o * row_length + 1 + j]);
          slope[o] = fused(vectors, v, a, fused(vectors, w, da, slope[o]));
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
#pragma GCC unroll 8
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

/// Inputs that are worked on together: layers of eight are what these kernels are for, in floats
/// too.
template <class Real>
using Eight = hn::CappedTag<Real, 8>;

template <class Real>
HWY_INLINE void pull_back_in(std::size_t rows, std::size_t inputs, std::size_t outputs,
                             const Real* delta, const Real* parameters, Real* below) {
  constexpr Eight<Real> vectors;
  using Vector = hn::Vec<Eight<Real>>;
  constexpr std::size_t width = hn::MaxLanes(vectors);
  const std::size_t whole = inputs / width * width;
  for (std::size_t i = 0; i < rows; ++i, delta += outputs, below += inputs) {
    for (std::size_t j = 0; j < whole; j += width) {
      Vector sum = hn::Zero(vectors);
      const Real* w = parameters + 1 + j;
      for (std::size_t k = 0; k < outputs; ++k, w += 1 + inputs)
        sum = fused(vectors, hn::Set(vectors, delta[k]), hn::LoadU(vectors, w), sum);
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

/// K outputs' weights from a vector of inputs on; pointers at the first of both.
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
    for (std::size_t k = 0; k < K; ++k)
      sum[k] = fused(vectors, hn::Set(vectors, delta[k]), a, sum[k]);
  }
#pragma GCC unroll 4
  for (std::size_t k = 0; k < K; ++k) hn::StoreU(sum[k], vectors, gradient + k * (1 + inputs));
}

template <class Real>
HWY_INLINE void gradient_in(std::size_t rows, std::size_t inputs, std::size_t outputs,
                            const Real* values, const Real* delta, Real* gradient) {
  constexpr std::size_t width = hn::MaxLanes(Eight<Real>());
  static constexpr decltype(&gradient_block<Real, 1>) blocks[] = {
      gradient_block<Real, 1>, gradient_block<Real, 2>, gradient_block<Real, 3>,
      gradient_block<Real, 4>};
  const std::size_t whole = inputs / width * width;
  const std::size_t row_length = 1 + inputs;
  for (std::size_t k = 0; k < outputs; k += std::size(blocks))
    for (std::size_t j = 0; j < whole; j += width)
      blocks[std::min(outputs - k, std::size(blocks)) - 1](
          rows, inputs, outputs, values + j, delta + k, gradient + k * row_length + 1 + j);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < outputs; ++k) {
      Real* const row = gradient + k * row_length;
      const Real factor = delta[i * outputs + k];
      row[0] += factor;
      for (std::size_t j = whole; j < inputs; ++j)
        row[1 + j] = std::fma(factor, values[i * inputs + j], row[1 + j]);
    }
}

// What is dispatched.
void affine_doubles(std::size_t rows, std::size_t inputs, std::size_t outputs, const double* values,
                    const double* parameters, double* z) {
  affine_rows<false, double>({inputs, outputs, values, nullptr, parameters, nullptr, z, nullptr},
                             rows);
}
void affine_along_doubles(std::size_t rows, std::size_t inputs, std::size_t outputs,
                          const double* values, const double* tangents, const double* parameters,
                          const double* direction, double* z, double* dz) {
  affine_rows<true, double>({inputs, outputs, values, tangents, parameters, direction, z, dz},
                            rows);
}
void pull_back_doubles(std::size_t rows, std::size_t inputs, std::size_t outputs,
                       const double* delta, const double* parameters, double* below) {
  pull_back_in(rows, inputs, outputs, delta, parameters, below);
}
void gradient_doubles(std::size_t rows, std::size_t inputs, std::size_t outputs,
                      const double* values, const double* delta, double* gradient) {
  gradient_in(rows, inputs, outputs, values, delta, gradient);
}

void affine_floats(std::size_t rows, std::size_t inputs, std::size_t outputs, const float* values,
                   const float* parameters, float* z) {
  affine_rows<false, float>({inputs, outputs, values, nullptr, parameters, nullptr, z, nullptr},
                            rows);
}
void affine_along_floats(std::size_t rows, std::size_t inputs, std::size_t outputs,
                         const float* values, const float* tangents, const float* parameters,
                         const float* direction, float* z, float* dz) {
  affine_rows<true, float>({inputs, outputs, values, tangents, parameters, direction, z, dz}, rows);
}
void pull_back_floats(std::size_t rows, std::size_t inputs, std::size_t outputs, const float* delta,
                      const float* parameters, float* below) {
  pull_back_in(rows, inputs, outputs, delta, parameters, below);
}
void gradient_floats(std::size_t rows, std::size_t inputs, std::size_t outputs, const float* values,
                     const float* delta, float* gradient) {
  gradient_in(rows, inputs, outputs, values, delta, gradient);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(affine_doubles);
HWY_EXPORT(affine_along_doubles);
HWY_EXPORT(pull_back_doubles);
HWY_EXPORT(gradient_doubles);
HWY_EXPORT(affine_floats);
HWY_EXPORT(affine_along_floats);
HWY_EXPORT(pull_back_floats);
HWY_EXPORT(gradient_floats);

void affine(std::size_t rows, std::size_t inputs, std::size_t outputs,
            std::span<const double> values, std::span<const double> parameters,
            std::span<double> z) {
  HWY_DYNAMIC_DISPATCH(affine_doubles)
  (rows, inputs, outputs, values.data(), parameters.data(), z.data());
}
void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const double> values, std::span<const double> tangents,
                  std::span<const double> parameters, std::span<const double> direction,
                  std::span<double> z, std::span<double> dz) {
  HWY_DYNAMIC_DISPATCH(affine_along_doubles)
  (rows, inputs, outputs, values.data(), tangents.data(), parameters.data(), direction.data(),
   z.data(), dz.data());
}
void pull_back(std::size_t rows, std::size_t inputs, std::size_t outputs,
               std::span<const double> delta, std::span<const double> parameters,
               std::span<double> below) {
  HWY_DYNAMIC_DISPATCH(pull_back_doubles)
  (rows, inputs, outputs, delta.data(), parameters.data(), below.data());
}
void add_gradient(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const double> values, std::span<const double> delta,
                  std::span<double> gradient) {
  HWY_DYNAMIC_DISPATCH(gradient_doubles)
  (rows, inputs, outputs, values.data(), delta.data(), gradient.data());
}

void affine(std::size_t rows, std::size_t inputs, std::size_t outputs,
            std::span<const float> values, std::span<const float> parameters, std::span<float> z) {
  HWY_DYNAMIC_DISPATCH(affine_floats)
  (rows, inputs, outputs, values.data(), parameters.data(), z.data());
}
void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const float> values, std::span<const float> tangents,
                  std::span<const float> parameters, std::span<const float> direction,
                  std::span<float> z, std::span<float> dz) {
  HWY_DYNAMIC_DISPATCH(affine_along_floats)
  (rows, inputs, outputs, values.data(), tangents.data(), parameters.data(), direction.data(),
   z.data(), dz.data());
}
void pull_back(std::size_t rows, std::size_t inputs, std::size_t outputs,
               std::span<const float> delta, std::span<const float> parameters,
               std::span<float> below) {
  HWY_DYNAMIC_DISPATCH(pull_back_floats)
  (rows, inputs, outputs, delta.data(), parameters.data(), below.data());
}
void add_gradient(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const float> values, std::span<const float> delta,
                  std::span<float> gradient) {
  HWY_DYNAMIC_DISPATCH(gradient_floats)
  (rows, inputs, outputs, values.data(), delta.data(), gradient.data());
}

}  // namespace annmpi::device::cpu::kernels
#endif
