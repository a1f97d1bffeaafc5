#pragma once

#include <cstdint>

#include "annmpi/base/host_device.hpp"

namespace annmpi::data {

/// An order of rows that is computed, on CPUs and GPUs: a Feistel network over the bits of the
/// position, keyed by (seed, epoch), which is a permutation of [0, 4^h) for the least h that holds
/// all rows; positions that fall outside are sent through again until they fall inside ("cycle
/// walking": J. Black and P. Rogaway, Ciphers with arbitrary finite domains, CT-RSA 2002).
class RowPermutation {
 public:
  /// @param rows at least 1
  RowPermutation(std::uint64_t rows, std::uint64_t seed, std::uint64_t epoch)
      : rows_(rows), key_(mixed(mixed(seed) + epoch)) {
    while (half_bits_ < 32 && (std::uint64_t{1} << (2 * half_bits_)) < rows_) ++half_bits_;
  }

  /// The row at a position from 0 to rows - 1.
  [[nodiscard]] ANNMPI_HOST_DEVICE std::uint64_t row_at(std::uint64_t position) const {
    // Four rounds make a Feistel network indistinguishable from a random permutation if its round
    // function is (M. Luby and C. Rackoff 1988); two more make up for halves of a few bits.
    constexpr std::uint64_t rounds = 6;
    const std::uint64_t half = (std::uint64_t{1} << half_bits_) - 1;
    do {
      std::uint64_t left = position >> half_bits_;
      std::uint64_t right = position & half;
      for (std::uint64_t round = 0; round < rounds; ++round) {
        const std::uint64_t next = left ^ (mixed(key_ ^ ((round << 60U) | right)) & half);
        left = right;
        right = next;
      }
      position = (left << half_bits_) | right;
    } while (position >= rows_);
    return position;
  }

 private:
  /// The finaliser of SplitMix64: every bit of the result depends on every bit of x (G. L. Steele,
  /// D. Lea and C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014).
  [[nodiscard]] ANNMPI_HOST_DEVICE static std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
  }

  std::uint64_t rows_;
  std::uint64_t key_;
  unsigned half_bits_ = 1;
};

}  // namespace annmpi::data
