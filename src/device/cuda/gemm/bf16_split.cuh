#pragma once

#include "device/cuda/gemm/precision_traits.hpp"

/// Numbers and the parts that products read.
namespace annmpi::device::cuda::mini_batch {

/// To the nearest by 8 bits, what is left in the same way, and the rest. What is not a number, or
/// infinite, stays visible in the last part.
__device__ inline void split(float x, std::uint16_t (&part)[3]) {
  const unsigned high = (__float_as_uint(x) + 0x8000U) & 0xffff0000U;
  const float rest = x - __uint_as_float(high);
  const unsigned middle = (__float_as_uint(rest) + 0x8000U) & 0xffff0000U;
  const unsigned low = __float_as_uint(rest - __uint_as_float(middle));
  part[0] = static_cast<std::uint16_t>(high >> 16);
  part[1] = static_cast<std::uint16_t>(middle >> 16);
  part[2] = static_cast<std::uint16_t>(low >> 16);
}
__device__ inline void split(double x, double (&part)[1]) {
  part[0] = x;
}

__device__ inline float join(const std::uint16_t (&part)[3]) {
  const auto value = [](std::uint16_t bits) {
    return __uint_as_float(static_cast<unsigned>(bits) << 16);
  };
  return value(part[0]) + (value(part[1]) + value(part[2]));
}
__device__ inline double join(const double (&part)[1]) {
  return part[0];
}

template <class Traits>
__device__ void put(const Planes<typename Traits::Stored>& to, long long row, int column,
                    typename Traits::Real x) {
  typename Traits::Stored part[Traits::parts];
  split(x, part);
  for (int p = 0; p < Traits::parts; ++p) to.row(row)[p * to.plane + column] = part[p];
}
template <class Traits, class Stored>
__device__ typename Traits::Real get(const Planes<Stored>& from, long long row, int column) {
  typename Traits::Stored part[Traits::parts];
  for (int p = 0; p < Traits::parts; ++p) part[p] = from.row(row)[p * from.plane + column];
  return join(part);
}

}  // namespace annmpi::device::cuda::mini_batch
