#pragma once

#include <cstdint>
#include <span>

#include "annmpi/base/exact_sum.hpp"

/// Steps around the products of BLAS: conversions before, exact sums after. Element by element, the
/// same bits on every SIMD target.
namespace annmpi::device::cpu::kernels {

/// to = from, rounded where necessary; `to` is at least as long.
void convert(std::span<const std::uint8_t> from, std::span<double> to);
void convert(std::span<const float> from, std::span<double> to);
void convert(std::span<const std::uint8_t> from, std::span<float> to);
void convert(std::span<const double> from, std::span<float> to);

/// Adds the parts of each value (exact_sum::parts_of) to highs and lows, which are at least as long
/// as `values`; to highs alone where `lows` is empty. Real is double or float.
template <class Real>
void add_parts(std::span<const Real> values, exact_sum::Split split, std::span<double> highs,
               std::span<double> lows);

}  // namespace annmpi::device::cpu::kernels
