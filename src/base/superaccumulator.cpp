#include "annmpi/base/superaccumulator.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace annmpi {
namespace {

constexpr int limb_bits = 32;
constexpr std::int64_t limb_mask = (std::int64_t{1} << limb_bits) - 1;
constexpr int least_exponent = -1074;
constexpr int mantissa_bits = 53;

__extension__ using Wide = unsigned __int128;

int bit_length(Wide value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  const auto width =
      high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(value));
  return static_cast<int>(width);
}

}  // namespace

void Superaccumulator::add(double term) {
  const auto bits = std::bit_cast<std::uint64_t>(term);
  const auto biased_exponent = static_cast<int>((bits >> 52) & 0x7ff);
  std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52) - 1);
  if (biased_exponent == 0x7ff) {
    ++limbs_[digits];
    return;
  }
  // Subnormal numbers have no hidden bit and the exponent of the least normal number.
  if (biased_exponent != 0) mantissa |= std::uint64_t{1} << 52;
  const int position = std::max(biased_exponent, 1) - 1;  // of the mantissa's lowest bit
  const auto limb = static_cast<std::size_t>(position / limb_bits);
  const Wide shifted = static_cast<Wide>(mantissa) << (position % limb_bits);
  const std::int64_t sign = (bits >> 63) != 0 ? -1 : 1;
  for (std::size_t k = 0; k < 3; ++k) {
    // The largest numbers end below the last limb: parts beyond it are zero.
    const auto part = static_cast<std::int64_t>(
        static_cast<std::uint64_t>(shifted >> (limb_bits * static_cast<int>(k))) & limb_mask);
    if (part != 0) limbs_[limb + k] += sign * part;
  }
}

void Superaccumulator::add(const Superaccumulator& other) {
  for (std::size_t k = 0; k < size; ++k) limbs_[k] += other.limbs_[k];
}

Superaccumulator::Digits Superaccumulator::carried(Digits limbs) {
  // All limbs but the last into [0, 2^32); the last one keeps the sign.
  for (std::size_t k = 0; k + 1 < digits; ++k) {
    limbs[k + 1] += limbs[k] >> limb_bits;
    limbs[k] &= limb_mask;
  }
  return limbs;
}

double Superaccumulator::value() const {
  if (limbs_[digits] != 0) return std::numeric_limits<double>::quiet_NaN();
  Digits limbs{};
  std::copy_n(limbs_.begin(), digits, limbs.begin());
  limbs = carried(limbs);
  const bool negative = limbs.back() < 0;
  if (negative) {
    for (std::int64_t& limb : limbs) limb = -limb;
    limbs = carried(limbs);
  }
  const auto top = std::find_if(limbs.rbegin(), limbs.rend(), [](auto limb) { return limb != 0; });
  if (top == limbs.rend()) return 0.0;

  // The highest three limbs hold at least 65 bits, or all there are; lower limbs only break ties.
  const auto highest = static_cast<std::size_t>(limbs.rend() - top) - 1;
  const std::size_t lowest = highest < 2 ? 0 : highest - 2;
  Wide leading = 0;
  for (std::size_t k = highest + 1; k-- > lowest;)
    leading = (leading << limb_bits) + static_cast<Wide>(limbs[k]);
  const bool rest = std::any_of(limbs.begin(), limbs.begin() + static_cast<std::ptrdiff_t>(lowest),
                                [](auto limb) { return limb != 0; });
  int exponent = static_cast<int>(lowest) * limb_bits + least_exponent;
  if (const int surplus = bit_length(leading) - mantissa_bits; surplus > 0) {
    const Wide half = Wide{1} << (surplus - 1);
    const Wide remainder = leading & ((half << 1) - 1);
    leading >>= surplus;
    exponent += surplus;
    const bool odd = (leading & 1) != 0;
    if (remainder > half || (remainder == half && (rest || odd))) ++leading;
  }
  const double magnitude =
      std::ldexp(static_cast<double>(static_cast<std::uint64_t>(leading)), exponent);
  return negative ? -magnitude : magnitude;
}

}  // namespace annmpi
