#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// What a trial step along a direction costs in a network of sigmoids: everything above the first
/// layer's carried pre-activations, value and tangent together. All arrays dense and row-major.
/// The same bits on every SIMD target; nothing is allocated.
namespace annmpi::model::cpu::kernels {

/// values = sigmoid(Z + step D) and tangents = values (1 - values) D, element by element, with
/// z = fma(step, D, Z). All four spans have one length; outputs must not overlap inputs.
void sigmoid_along(std::span<const double> Z, std::span<const double> D, double step,
                   std::span<double> values, std::span<double> tangents);

/// One affine layer and its tangent:
///   z = values W^T + b          dz = tangents W^T + values V^T + c
/// values, tangents [rows, inputs]; `parameters` rows of [b | W] and `direction` rows of [c | V],
/// outputs rows of 1 + inputs each; z, dz [rows, outputs]. A row's result does not depend on
/// the other rows. Meant for few outputs: the cost is rows * inputs * outputs.
void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const double> values, std::span<const double> tangents,
                  std::span<const double> parameters, std::span<const double> direction,
                  std::span<double> z, std::span<double> dz);

/// Logistic units, one per class: returns sum_ik softplus(z_ik) - y_ik z_ik and fills in
/// delta_ik = sigmoid(z_ik) - y_ik. z, delta [rows, classes]; labels [rows], each in [0, classes).
/// The sum is made in one fixed order that depends on the number of rows only.
double logistic_loss(std::span<const double> z, std::span<const std::int32_t> labels,
                     std::size_t classes, std::span<double> delta);

/// sum_i x_i y_i in one fixed order that depends on the length only.
[[nodiscard]] double fixed_order_dot(std::span<const double> x, std::span<const double> y);

}  // namespace annmpi::model::cpu::kernels
