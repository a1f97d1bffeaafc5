#pragma once

#include <span>

namespace annmpi::model::cpu::kernels {

/// sum_i x_i y_i in one fixed order that depends on the length only: the same bits on every SIMD
/// target. Element i is added to partial sum i mod 8 by a fused multiply-add.
[[nodiscard]] double fixed_order_dot(std::span<const double> x, std::span<const double> y);

}  // namespace annmpi::model::cpu::kernels
