#pragma once

#include <cstddef>
#include <span>

#include "annmpi/base/exact_sum.hpp"
#include "annmpi/io/element_type.hpp"

/// Steps around the products of BLAS: conversions before, exact sums after. Element by element, the
/// same bits on every SIMD target.
namespace annmpi::device::cpu::kernels {

/// to = from, elements of this type, rounded where necessary. Real is double or float.
template <class Real>
void convert_elements(io::ElementType type, const void* from, std::size_t count, Real* to);

/// The same for features and Reals of any type; `to` is at least as long.
#define ANNMPI_CONVERT(name, T)                                                   \
  inline void convert(std::span<const T> from, std::span<double> to) {            \
    convert_elements(io::ElementType::name, from.data(), from.size(), to.data()); \
  }                                                                               \
  inline void convert(std::span<const T> from, std::span<float> to) {             \
    convert_elements(io::ElementType::name, from.data(), from.size(), to.data()); \
  }
ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_CONVERT)
#undef ANNMPI_CONVERT

/// Adds the parts of each value (exact_sum::parts_of) to highs and lows, which are at least as long
/// as `values`; to highs alone where `lows` is empty. Real is double or float.
template <class Real>
void add_parts(std::span<const Real> values, exact_sum::Split split, std::span<double> highs,
               std::span<double> lows);

}  // namespace annmpi::device::cpu::kernels
