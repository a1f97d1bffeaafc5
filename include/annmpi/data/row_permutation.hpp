#pragma once

#include <cstdint>

#include "annmpi/base/feistel.hpp"

namespace annmpi::data {

/// A permutation of rows that is computed, not stored, on CPUs and GPUs: a Feistel network
/// (base/feistel.hpp) over the bits of the position, keyed by (seed, epoch).
class RowPermutation {
 public:
  /// @param rows at least 1
  RowPermutation(std::uint64_t rows, std::uint64_t seed, std::uint64_t epoch)
      : rows_(rows), key_(mixed(mixed(seed) + epoch)) {
    while (half_bits_ < 32 && (std::uint64_t{1} << (2 * half_bits_)) < rows_) ++half_bits_;
  }

  /// The row at a position from 0 to rows - 1.
  [[nodiscard]] ANNMPI_HOST_DEVICE std::uint64_t row_at(std::uint64_t position) const {
    return feistel_below(rows_, position, half_bits_, RoundFunction{key_});
  }

 private:
  [[nodiscard]] ANNMPI_HOST_DEVICE static constexpr std::uint64_t mixed(std::uint64_t x) {
    return mix_bits(x + golden_gamma);
  }

  struct RoundFunction {
    std::uint64_t key;
    ANNMPI_HOST_DEVICE constexpr std::uint64_t operator()(std::uint64_t round,
                                                          std::uint64_t right) const {
      return mixed(key ^ ((round << 60U) | right));
    }
  };

  std::uint64_t rows_;
  std::uint64_t key_;
  unsigned half_bits_ = 1;
};

}  // namespace annmpi::data
