#pragma once

#include <cstddef>
#include <span>

/// Element-wise operations on vectors: the same bits on every SIMD target.
namespace annmpi::device::cpu::kernels {

/// y = y + a x, a product and a sum, each rounded.
void add_scaled(double a, std::span<const double> x, std::span<double> y);

/// y = scale y + penalty (x + step p), each product and sum rounded; `p` may be empty if the
/// step is 0.
void scale_and_penalise(double scale, double penalty, std::span<const double> x,
                        std::span<const double> p, double step, std::span<double> y);

/// The largest magnitude; NaN if any element is.
[[nodiscard]] double largest_magnitude(std::span<const double> x);

}  // namespace annmpi::device::cpu::kernels
