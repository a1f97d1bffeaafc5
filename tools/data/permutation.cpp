#include "permutation.hpp"

#include <algorithm>
#include <bit>

#include "random.hpp"

namespace annmpi::data_tool {

Permutation::Permutation(std::uint64_t rows, std::uint64_t seed)
    : rows_(rows),
      // At least 256 numbers: the rounds mix too little on fewer.
      half_bits_(
          std::max(4U, (static_cast<unsigned>(std::bit_width(rows > 0 ? rows - 1 : 0)) + 1) / 2)) {
  Random random(seed, rows);
  for (std::uint64_t& key : keys_) key = random.bits();
}

std::uint64_t Permutation::swap_halves(std::uint64_t value) const {
  const std::uint64_t half = (std::uint64_t{1} << half_bits_) - 1;
  return (value & half) << half_bits_ | value >> half_bits_;
}

std::uint64_t Permutation::operator()(std::uint64_t row) const {
  return feistel_below(rows_, row, half_bits_, [this](unsigned round, std::uint64_t right) {
    return mix_bits(right ^ keys_[round]);
  });
}

std::uint64_t Permutation::inverse(std::uint64_t place) const {
  // The network with its halves swapped and its rounds in reverse undoes itself.
  const auto undo = [this](unsigned round, std::uint64_t right) {
    return mix_bits(right ^ keys_[feistel_rounds - 1 - round]);
  };
  std::uint64_t row = place;
  do row = swap_halves(feistel(swap_halves(row), half_bits_, undo));
  while (row >= rows_);
  return row;
}

}  // namespace annmpi::data_tool
