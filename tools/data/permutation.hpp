#pragma once

#include <array>
#include <cstdint>

#include "annmpi/base/feistel.hpp"

namespace annmpi::data_tool {

/// A random bijection of the row numbers 0 ... rows - 1 that needs no memory, so that files of any
/// length can be shuffled: a Feistel network (base/feistel.hpp) with random round keys. A row takes
/// fewer than four passes on average, except in tiny files.
class Permutation {
 public:
  Permutation(std::uint64_t rows, std::uint64_t seed);

  /// The new place of row `row`.
  [[nodiscard]] std::uint64_t operator()(std::uint64_t row) const;
  /// The row whose new place is `place`: inverse(p(row)) == row.
  [[nodiscard]] std::uint64_t inverse(std::uint64_t place) const;

 private:
  [[nodiscard]] std::uint64_t swap_halves(std::uint64_t value) const;

  std::uint64_t rows_;
  unsigned half_bits_;
  std::array<std::uint64_t, feistel_rounds> keys_;
};

}  // namespace annmpi::data_tool
