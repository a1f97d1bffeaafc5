#pragma once

#include <cstddef>
#include <span>

#include "annmpi/network/network.hpp"

#include "device/cpu/gemm/matrix_product.hpp"

/// The affine map of one layer, z = a W^T + b, on a chunk of rows, by BLAS. `parameters` is the
/// layer's slice of theta, rows of [b | W]; a [rows, inputs], z and delta [rows, outputs], all
/// dense.
namespace annmpi::device::cpu {

template <class Real>
[[nodiscard]] Matrix<const Real> weights(const network::Layer& layer,
                                         std::span<const Real> parameters) {
  return {parameters.data() + 1, layer.row_length()};
}

/// z = b in every row
template <class Real>
void set_bias(const network::Layer& layer, std::span<const Real> parameters, std::size_t rows,
              std::span<Real> z) {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < layer.outputs; ++j)
      z[i * layer.outputs + j] = parameters[j * layer.row_length()];
}

/// z = z + a W^T
template <class Real>
void add_product(const network::Layer& layer, std::span<const Real> a,
                 std::span<const Real> parameters, std::size_t rows, std::span<Real> z) {
  add_product_nt<Real>(rows, layer.outputs, layer.inputs, {a.data(), layer.inputs},
                       weights(layer, parameters), {z.data(), layer.outputs});
}

/// below = delta W: the gradient with respect to the inputs of the layer
template <class Real>
void pull_back(const network::Layer& layer, std::span<const Real> parameters,
               std::span<const Real> delta, std::size_t rows, std::span<Real> below) {
  set_product_nn<Real>(rows, layer.inputs, layer.outputs, {delta.data(), layer.outputs},
                       weights(layer, parameters), {below.data(), layer.inputs});
}

/// gradient = gradient + [sum_i delta_i | delta^T a], in rows of [b | W]
template <class Real>
void add_gradient(const network::Layer& layer, std::span<const Real> a, std::span<const Real> delta,
                  std::size_t rows, std::span<Real> gradient) {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < layer.outputs; ++j)
      gradient[j * layer.row_length()] += delta[i * layer.outputs + j];
  add_product_tn<Real>(layer.outputs, layer.inputs, rows, {delta.data(), layer.outputs},
                       {a.data(), layer.inputs}, {gradient.data() + 1, layer.row_length()});
}

}  // namespace annmpi::device::cpu
