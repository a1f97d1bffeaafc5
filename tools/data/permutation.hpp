#pragma once

#include <array>
#include <cstdint>

namespace annmpi::data_tool {

/// A random bijection of the row numbers 0 ... rows - 1 that needs no memory, so that files of any
/// length can be shuffled.
///
/// A Feistel network (Luby and Rackoff, 1988) permutes the numbers of an even number of bits;
/// where it leads beyond the last row it is applied again, until it leads to a row ("cycle
/// walking", Black and Rogaway, 2002): below four rounds in the mean, except for tiny files.
class Permutation {
 public:
  Permutation(std::uint64_t rows, std::uint64_t seed);

  /// Where row `row` goes to.
  [[nodiscard]] std::uint64_t operator()(std::uint64_t row) const;
  /// Which row goes to `place`: inverse(p(row)) == row.
  [[nodiscard]] std::uint64_t inverse(std::uint64_t place) const;

 private:
  static constexpr int rounds = 6;

  [[nodiscard]] std::uint64_t encrypt(std::uint64_t value) const;
  [[nodiscard]] std::uint64_t decrypt(std::uint64_t value) const;

  std::uint64_t rows_;
  int half_bits_;
  std::uint64_t half_mask_;
  std::array<std::uint64_t, rounds> keys_;
};

}  // namespace annmpi::data_tool
