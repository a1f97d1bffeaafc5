#pragma once

#include <cstdint>

#include "annmpi/base/host_device.hpp"

/// A permutation that is computed, not stored: a Feistel network over the bits of a number
/// (M. Luby and C. Rackoff 1988), restricted to a range by cycle walking (J. Black and P. Rogaway,
/// Ciphers with arbitrary finite domains, CT-RSA 2002).
namespace annmpi {

/// The finaliser of SplitMix64: every bit of the result depends on every bit of z (G. L. Steele,
/// D. Lea and C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014).
[[nodiscard]] ANNMPI_HOST_DEVICE constexpr std::uint64_t mix_bits(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// The increment of SplitMix64's state.
inline constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15U;

/// Four rounds suffice for ideal round functions; two more make up for halves of a few bits.
inline constexpr unsigned feistel_rounds = 6;

/// Permutes [0, 4^half_bits): round r replaces (left, right) by (right, left ^ function(r, right)).
template <class Function>
[[nodiscard]] ANNMPI_HOST_DEVICE constexpr std::uint64_t feistel(std::uint64_t value,
                                                                 unsigned half_bits,
                                                                 Function&& function) {
  const std::uint64_t half = (std::uint64_t{1} << half_bits) - 1;
  std::uint64_t left = value >> half_bits;
  std::uint64_t right = value & half;
  for (unsigned round = 0; round < feistel_rounds; ++round) {
    const std::uint64_t next = left ^ (function(round, right) & half);
    left = right;
    right = next;
  }
  return (left << half_bits) | right;
}

/// Permutes [0, count), count <= 4^half_bits: values outside the range pass through the network
/// again.
template <class Function>
[[nodiscard]] ANNMPI_HOST_DEVICE constexpr std::uint64_t feistel_below(std::uint64_t count,
                                                                       std::uint64_t value,
                                                                       unsigned half_bits,
                                                                       Function&& function) {
  do value = feistel(value, half_bits, function);
  while (value >= count);
  return value;
}

}  // namespace annmpi
