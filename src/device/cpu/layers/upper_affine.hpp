#pragma once

#include <cstddef>
#include <span>

#include "annmpi/network/network.hpp"

#include "device/cpu/gemm/affine.hpp"
#include "device/cpu/layers/small_layers.hpp"

/// The affine map of a layer above the first on a chunk of rows: by the native kernels for small
/// layers, by BLAS otherwise. The choice depends on the layer's shape alone, so that all ranks
/// compute the same bits. Shapes as in small_layers.hpp.
namespace annmpi::device::cpu::upper {

/// BLAS pays off above about this size, for chunks of 96 rows.
[[nodiscard]] inline bool is_small(const network::Layer& layer) {
  return layer.outputs <= 16 && layer.inputs * layer.outputs <= 512;
}

/// z = a W^T + b
template <class Real>
void affine(const network::Layer& layer, std::size_t rows, std::span<const Real> a,
            std::span<const Real> parameters, std::span<Real> z) {
  if (is_small(layer))
    return kernels::affine<Real>(rows, layer.inputs, layer.outputs, a, parameters, z);
  set_bias<Real>(layer, parameters, rows, z);
  add_product<Real>(layer, a, parameters, rows, z);
}

/// z of affine(), and dz = da W^T + a V^T + c
template <class Real>
void affine_along(const network::Layer& layer, std::size_t rows, std::span<const Real> a,
                  std::span<const Real> da, std::span<const Real> parameters,
                  std::span<const Real> direction, std::span<Real> z, std::span<Real> dz) {
  if (is_small(layer))
    return kernels::affine_along<Real>(rows, layer.inputs, layer.outputs, a, da, parameters,
                                       direction, z, dz);
  affine<Real>(layer, rows, a, parameters, z);
  affine<Real>(layer, rows, a, direction, dz);
  add_product<Real>(layer, da, parameters, rows, dz);
}

/// below = delta W: the gradient with respect to the inputs of the layer
template <class Real>
void pull_back(const network::Layer& layer, std::size_t rows, std::span<const Real> delta,
               std::span<const Real> parameters, std::span<Real> below) {
  if (is_small(layer))
    return kernels::pull_back<Real>(rows, layer.inputs, layer.outputs, delta, parameters, below);
  cpu::pull_back<Real>(layer, parameters, delta, rows, below);
}

/// gradient = gradient + [sum_i delta_i | delta^T a], in rows of [b | W]
template <class Real>
void add_gradient(const network::Layer& layer, std::size_t rows, std::span<const Real> a,
                  std::span<const Real> delta, std::span<Real> gradient) {
  if (is_small(layer))
    return kernels::add_gradient<Real>(rows, layer.inputs, layer.outputs, a, delta, gradient);
  cpu::add_gradient<Real>(layer, a, delta, rows, gradient);
}

}  // namespace annmpi::device::cpu::upper
