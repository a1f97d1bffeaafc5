#pragma once

#include "device/cuda/gemm/precision_traits.hpp"

/// Conversion between numbers and the terms that are the operands of products.
namespace annmpi::device::cuda::mini_batch {

/// Splits a float into three bfloat16s of 8 bits each, the first two rounded to nearest; NaN and
/// infinity survive in the last.
__device__ inline void split(float x, std::uint16_t (&term)[3]) {
  const unsigned high = (__float_as_uint(x) + 0x8000U) & 0xffff0000U;
  const float rest = x - __uint_as_float(high);
  const unsigned middle = (__float_as_uint(rest) + 0x8000U) & 0xffff0000U;
  const unsigned low = __float_as_uint(rest - __uint_as_float(middle));
  term[0] = static_cast<std::uint16_t>(high >> 16);
  term[1] = static_cast<std::uint16_t>(middle >> 16);
  term[2] = static_cast<std::uint16_t>(low >> 16);
}
__device__ inline void split(double x, double (&term)[1]) {
  term[0] = x;
}

__device__ inline float join(const std::uint16_t (&term)[3]) {
  const auto value = [](std::uint16_t bits) {
    return __uint_as_float(static_cast<unsigned>(bits) << 16);
  };
  return value(term[0]) + (value(term[1]) + value(term[2]));
}
__device__ inline double join(const double (&term)[1]) {
  return term[0];
}

template <class Traits>
__device__ void store(const Planes<typename Traits::Stored>& to, long long row, int column,
                      typename Traits::Real x) {
  typename Traits::Stored term[Traits::planes];
  split(x, term);
  for (int p = 0; p < Traits::planes; ++p) to.row(row)[p * to.plane + column] = term[p];
}
template <class Traits, class Stored>
__device__ typename Traits::Real load(const Planes<Stored>& from, long long row, int column) {
  typename Traits::Stored term[Traits::planes];
  for (int p = 0; p < Traits::planes; ++p) term[p] = from.row(row)[p * from.plane + column];
  return join(term);
}

}  // namespace annmpi::device::cuda::mini_batch
