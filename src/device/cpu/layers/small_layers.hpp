#pragma once

#include <cstddef>
#include <span>

/// Layers so small that a call of BLAS for a chunk of rows would cost more than the work: those
/// above a narrow first layer. All arrays dense and row-major: values, tangents and below
/// [rows, inputs], z, dz and delta [rows, outputs]; `parameters` rows of [b | W] and `direction`
/// rows of [c | V], outputs rows of 1 + inputs each.
///
/// In doubles or in floats. Every result is one chain of fused multiply-adds in one order, the same
/// on every SIMD target. A row's results do not depend on the other rows. Nothing is allocated.
namespace annmpi::device::cpu::kernels {

/// z = values W^T + b
void affine(std::size_t rows, std::size_t inputs, std::size_t outputs,
            std::span<const double> values, std::span<const double> parameters,
            std::span<double> z);

/// z = values W^T + b          dz = tangents W^T + values V^T + c
void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const double> values, std::span<const double> tangents,
                  std::span<const double> parameters, std::span<const double> direction,
                  std::span<double> z, std::span<double> dz);

/// below = delta W: what reaches the inputs of the layer
void pull_back(std::size_t rows, std::size_t inputs, std::size_t outputs,
               std::span<const double> delta, std::span<const double> parameters,
               std::span<double> below);

/// gradient = gradient + [sum_i delta_i | delta^T values], in rows of [b | W]; each element's chain
/// runs over the rows, first to last, from what `gradient` holds.
void add_gradient(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const double> values, std::span<const double> delta,
                  std::span<double> gradient);

void affine(std::size_t rows, std::size_t inputs, std::size_t outputs,
            std::span<const float> values, std::span<const float> parameters, std::span<float> z);
void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const float> values, std::span<const float> tangents,
                  std::span<const float> parameters, std::span<const float> direction,
                  std::span<float> z, std::span<float> dz);
void pull_back(std::size_t rows, std::size_t inputs, std::size_t outputs,
               std::span<const float> delta, std::span<const float> parameters,
               std::span<float> below);
void add_gradient(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const float> values, std::span<const float> delta,
                  std::span<float> gradient);

}  // namespace annmpi::device::cpu::kernels
