#include "annmpi/data/batch_order.hpp"

#include <algorithm>

namespace annmpi::data {
namespace {

/// The finaliser of SplitMix64: every bit of the result depends on every bit of x (G. L. Steele,
/// D. Lea and C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014).
constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

/// Four rounds make a Feistel network indistinguishable from a random permutation if its round
/// function is (M. Luby and C. Rackoff 1988); two more make up for halves of a few bits.
constexpr std::uint64_t feistel_rounds = 6;

}  // namespace

BatchOrder::BatchOrder(std::uint64_t rows, std::uint64_t batch_rows, std::uint64_t seed)
    : rows_(rows), batch_rows_(batch_rows), seed_(seed), half_bits_(1) {
  while (half_bits_ < 32 && (std::uint64_t{1} << (2 * half_bits_)) < rows_) ++half_bits_;
}

Range BatchOrder::positions(std::uint64_t step) const {
  const std::uint64_t begin = std::min(rows_, step * batch_rows_);
  return {begin, std::min(rows_, begin + batch_rows_)};
}

std::uint64_t BatchOrder::row_at(std::uint64_t epoch, std::uint64_t position) const {
  const std::uint64_t key = mixed(mixed(seed_) + epoch);
  const std::uint64_t half = (std::uint64_t{1} << half_bits_) - 1;
  do {
    std::uint64_t left = position >> half_bits_;
    std::uint64_t right = position & half;
    for (std::uint64_t round = 0; round < feistel_rounds; ++round) {
      const std::uint64_t next = left ^ (mixed(key ^ ((round << 60U) | right)) & half);
      left = right;
      right = next;
    }
    position = (left << half_bits_) | right;
  } while (position >= rows_);
  return position;
}

}  // namespace annmpi::data
