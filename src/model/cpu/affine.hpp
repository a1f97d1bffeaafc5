#pragma once

#include <cstddef>
#include <span>

#include "annmpi/model/network.hpp"

#include "model/cpu/matrix_product.hpp"

/// The affine map of one layer, z = a W^T + b, on a chunk of rows. `parameters` is the layer's
/// part of theta, rows of [b | W]; a [rows, inputs], z and delta [rows, outputs], all dense.
namespace annmpi::model::cpu {

[[nodiscard]] inline ConstMatrix weights(const Layer& layer, std::span<const double> parameters) {
  return {parameters.data() + 1, layer.row_length()};
}

/// z = b in every row
inline void set_bias(const Layer& layer, std::span<const double> parameters, std::size_t rows,
                     std::span<double> z) {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < layer.outputs; ++j)
      z[i * layer.outputs + j] = parameters[j * layer.row_length()];
}

/// z = z + a W^T
inline void add_product(const Layer& layer, std::span<const double> a,
                        std::span<const double> parameters, std::size_t rows, std::span<double> z) {
  add_product_nt(rows, layer.outputs, layer.inputs, {a.data(), layer.inputs},
                 weights(layer, parameters), {z.data(), layer.outputs});
}

/// below = delta W: what reaches the inputs of the layer
inline void pull_back(const Layer& layer, std::span<const double> parameters,
                      std::span<const double> delta, std::size_t rows, std::span<double> below) {
  set_product_nn(rows, layer.inputs, layer.outputs, {delta.data(), layer.outputs},
                 weights(layer, parameters), {below.data(), layer.inputs});
}

/// gradient = gradient + [sum_i delta_i | delta^T a], in rows of [b | W]
inline void add_gradient(const Layer& layer, std::span<const double> a,
                         std::span<const double> delta, std::size_t rows,
                         std::span<double> gradient) {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < layer.outputs; ++j)
      gradient[j * layer.row_length()] += delta[i * layer.outputs + j];
  add_product_tn(layer.outputs, layer.inputs, rows, {delta.data(), layer.outputs},
                 {a.data(), layer.inputs}, {gradient.data() + 1, layer.row_length()});
}

}  // namespace annmpi::model::cpu
