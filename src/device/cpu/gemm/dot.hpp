#pragma once

#include <cstddef>
#include <span>

namespace annmpi::device::cpu::kernels {

/// sum_i x_i y_i in a fixed order that depends on the length alone: the same bits on every SIMD
/// target. Element i is added to partial sum i mod 8 by a fused multiply-add.
[[nodiscard]] double fixed_order_dot(std::span<const double> x, std::span<const double> y);

/// The same for floats, computed in doubles: every product is exact.
[[nodiscard]] double fixed_order_dot(std::span<const float> x, std::span<const float> y);

/// The two vectors of a dot product.
struct DotTerms {
  const double* x;
  const double* y;
};

/// Pairs that are computed in one pass over memory.
inline constexpr std::size_t most_dots = 64;

/// dots[i] = fixed_order_dot of pairs[i], all of `count` elements, the same bits. Blocked: a
/// vector that occurs in many pairs is read from memory once.
void fixed_order_dots(std::span<const DotTerms> pairs, std::size_t count, std::span<double> dots);

}  // namespace annmpi::device::cpu::kernels
