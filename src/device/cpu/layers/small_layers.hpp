#pragma once

#include <cstddef>
#include <span>

/// Layers too small for BLAS, whose call overhead would exceed the work on a chunk of rows: those
/// above a narrow first layer. All arrays dense and row-major: values, tangents and below
/// [rows, inputs], z, dz and delta [rows, outputs]; `parameters` rows of [b | W] and `direction`
/// rows of [c | V], outputs rows of 1 + inputs each.
///
/// Real is double or float. Every result is one chain of fused multiply-adds in a fixed order, the
/// same on every SIMD target. A row's results do not depend on the other rows. Nothing is
/// allocated.
namespace annmpi::device::cpu::kernels {

/// z = values W^T + b
template <class Real>
void affine(std::size_t rows, std::size_t inputs, std::size_t outputs, std::span<const Real> values,
            std::span<const Real> parameters, std::span<Real> z);

/// z = values W^T + b          dz = tangents W^T + values V^T + c
template <class Real>
void affine_along(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const Real> values, std::span<const Real> tangents,
                  std::span<const Real> parameters, std::span<const Real> direction,
                  std::span<Real> z, std::span<Real> dz);

/// below = delta W: the gradient with respect to the inputs of the layer
template <class Real>
void pull_back(std::size_t rows, std::size_t inputs, std::size_t outputs,
               std::span<const Real> delta, std::span<const Real> parameters,
               std::span<Real> below);

/// gradient = gradient + [sum_i delta_i | delta^T values], in rows of [b | W]; each element's chain
/// runs over the rows, first to last, from what `gradient` holds.
template <class Real>
void add_gradient(std::size_t rows, std::size_t inputs, std::size_t outputs,
                  std::span<const Real> values, std::span<const Real> delta,
                  std::span<Real> gradient);

}  // namespace annmpi::device::cpu::kernels
