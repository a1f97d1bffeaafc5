#pragma once

#include <bit>
#include <cstdint>

#include "annmpi/base/host_device.hpp"

namespace annmpi {

/// A number in the binary16 format of IEEE 754, as stored; arithmetic is that of floats.
class Half {
 public:
  static constexpr double largest = 65504;

  Half() = default;

  /// Rounds to the nearest, ties to even; beyond `largest` by half a unit in the last place or more
  /// to infinity.
  constexpr explicit Half(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto exponent = static_cast<int>((bits >> 52) & 0x7ff) - 1023;
    std::uint64_t mantissa = bits & ((std::uint64_t{1} << 52) - 1);
    std::uint64_t magnitude = 0;
    if (exponent == 1024 && mantissa != 0) {
      magnitude = 0x7e00;  // NaN
    } else if (exponent > 15) {
      magnitude = 0x7c00;  // infinity
    } else if (exponent >= -25) {
      const int dropped = exponent < -14 ? 28 - exponent : 42;  // bits of the mantissa
      mantissa |= std::uint64_t{1} << 52;
      magnitude = mantissa >> dropped;
      const std::uint64_t rest = mantissa - (magnitude << dropped);
      const std::uint64_t tie = std::uint64_t{1} << (dropped - 1);
      if (rest > tie || (rest == tie && magnitude % 2 == 1)) ++magnitude;
      // The leading bit of a normal number counts as one of the exponent; so does a carry.
      if (exponent >= -14) magnitude += static_cast<std::uint64_t>(exponent + 14) << 10;
    }
    bits_ = static_cast<std::uint16_t>((bits >> 48 & 0x8000U) | magnitude);
  }

  /// Exact.
  ANNMPI_HOST_DEVICE constexpr operator float() const {
    const std::uint32_t magnitude = bits_ & 0x7fffU;
    const std::uint32_t sign = (bits_ & 0x8000U) << 16;
    // All ones or zero, so that compilers need no branch and vectorise loops.
    const std::uint32_t is_subnormal = 0U - static_cast<std::uint32_t>(magnitude < 0x400);
    const std::uint32_t is_special = 0U - static_cast<std::uint32_t>(magnitude >= 0x7c00);
    // The exponents differ by 112; infinity and NaN have the largest exponent of both formats.
    const std::uint32_t rebiased = (magnitude << 13) + 0x38000000U + (is_special & 0x38000000U);
    const auto subnormal = std::bit_cast<std::uint32_t>(
        static_cast<float>(static_cast<std::int32_t>(magnitude)) * 0x1p-24F);
    return std::bit_cast<float>(sign | (is_subnormal & subnormal) | (~is_subnormal & rebiased));
  }

 private:
  std::uint16_t bits_;
};

}  // namespace annmpi
