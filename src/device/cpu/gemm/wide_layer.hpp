#pragma once

#include <cstdint>
#include <span>

#include "annmpi/base/exact_sum.hpp"

/// What layers do around the products of BLAS: conversions before, exact sums after. Every result
/// is that of one element alone, the same bits on every SIMD target.
namespace annmpi::device::cpu::kernels {

/// to = from, rounded where need be; `to` is at least as long.
void convert(std::span<const std::uint8_t> from, std::span<double> to);
void convert(std::span<const float> from, std::span<double> to);
void convert(std::span<const std::uint8_t> from, std::span<float> to);
void convert(std::span<const double> from, std::span<float> to);

/// Adds the parts of each value (exact_sum::parts_of) to high and low, which are at least as long
/// as `values`; to high alone where `low` is empty.
void add_parts(std::span<const double> values, exact_sum::Split split, std::span<double> high,
               std::span<double> low);
void add_parts(std::span<const float> values, exact_sum::Split split, std::span<double> high,
               std::span<double> low);

}  // namespace annmpi::device::cpu::kernels
