#pragma once

#include <cstddef>
#include <span>

#include "annmpi/model/network.hpp"

#include "model/cpu/affine.hpp"
#include "model/cpu/kernels/small_layers.hpp"

/// The affine map of a layer above the first one on a chunk of rows: by kernels of our own where
/// the layer is small, by BLAS where it is not. Which one is a matter of the layer's shape alone,
/// so that all ranks compute the same bits. Shapes as in small_layers.hpp.
namespace annmpi::model::cpu::upper {

/// Calls of BLAS for a chunk of 96 rows pay from about this size on.
[[nodiscard]] inline bool is_small(const Layer& layer) {
  return layer.outputs <= 16 && layer.inputs * layer.outputs <= 512;
}

/// z = a W^T + b
inline void affine(const Layer& layer, std::size_t rows, std::span<const double> a,
                   std::span<const double> parameters, std::span<double> z) {
  if (is_small(layer)) return kernels::affine(rows, layer.inputs, layer.outputs, a, parameters, z);
  set_bias(layer, parameters, rows, z);
  add_product(layer, a, parameters, rows, z);
}

/// z as of affine(), and dz = da W^T + a V^T + c
inline void affine_along(const Layer& layer, std::size_t rows, std::span<const double> a,
                         std::span<const double> da, std::span<const double> parameters,
                         std::span<const double> direction, std::span<double> z,
                         std::span<double> dz) {
  if (is_small(layer))
    return kernels::affine_along(rows, layer.inputs, layer.outputs, a, da, parameters, direction, z,
                                 dz);
  affine(layer, rows, a, parameters, z);
  affine(layer, rows, a, direction, dz);
  add_product(layer, da, parameters, rows, dz);
}

/// below = delta W: what reaches the inputs of the layer
inline void pull_back(const Layer& layer, std::size_t rows, std::span<const double> delta,
                      std::span<const double> parameters, std::span<double> below) {
  if (is_small(layer))
    return kernels::pull_back(rows, layer.inputs, layer.outputs, delta, parameters, below);
  cpu::pull_back(layer, parameters, delta, rows, below);
}

/// gradient = gradient + [sum_i delta_i | delta^T a], in rows of [b | W]
inline void add_gradient(const Layer& layer, std::size_t rows, std::span<const double> a,
                         std::span<const double> delta, std::span<double> gradient) {
  if (is_small(layer))
    return kernels::add_gradient(rows, layer.inputs, layer.outputs, a, delta, gradient);
  cpu::add_gradient(layer, a, delta, rows, gradient);
}

}  // namespace annmpi::model::cpu::upper
