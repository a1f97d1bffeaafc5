#include "permutation.hpp"

#include <algorithm>
#include <bit>

#include "random.hpp"

namespace annmpi::data_tool {

Permutation::Permutation(std::uint64_t rows, std::uint64_t seed)
    : rows_(rows),
      // At least 256 numbers: on fewer the rounds have too little to mix.
      half_bits_(std::max(4, (static_cast<int>(std::bit_width(rows > 0 ? rows - 1 : 0)) + 1) / 2)),
      half_mask_((std::uint64_t{1} << half_bits_) - 1) {
  Random random(seed, rows);
  for (std::uint64_t& key : keys_) key = random.bits();
}

std::uint64_t Permutation::encrypt(std::uint64_t value) const {
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & half_mask_;
  for (const std::uint64_t key : keys_) {
    const std::uint64_t mixed = left ^ (mix_bits(right ^ key) & half_mask_);
    left = right;
    right = mixed;
  }
  return left << half_bits_ | right;
}

std::uint64_t Permutation::decrypt(std::uint64_t value) const {
  std::uint64_t left = value >> half_bits_;
  std::uint64_t right = value & half_mask_;
  for (auto key = keys_.rbegin(); key != keys_.rend(); ++key) {
    const std::uint64_t mixed = right ^ (mix_bits(left ^ *key) & half_mask_);
    right = left;
    left = mixed;
  }
  return left << half_bits_ | right;
}

std::uint64_t Permutation::operator()(std::uint64_t row) const {
  std::uint64_t place = encrypt(row);
  while (place >= rows_) place = encrypt(place);
  return place;
}

std::uint64_t Permutation::inverse(std::uint64_t place) const {
  std::uint64_t row = decrypt(place);
  while (row >= rows_) row = decrypt(row);
  return row;
}

}  // namespace annmpi::data_tool
