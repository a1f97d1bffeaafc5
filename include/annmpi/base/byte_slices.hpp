#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "annmpi/base/host_device.hpp"

/// Splits doubles into signed bytes, so that their products with bytes are exact in integers.
///
/// With |v| <= 2^e for all values that share e, v is rounded to a multiple of 2^(e - f), f = 62 for
/// eight slices and 30 for four, and written to the base 256 with slices in [-128, 127]:
///
///     v = 2^(e - f) q,    q = sum_k slice_k 256^k,    |q| <= 2^f
///
/// This is the only rounding, at most 2^(e - f - 1): for eight slices a thousandth of the last
/// place of the largest value. An error-free splitting (Ozaki, Ogita, Oishi and Rump 2012,
/// Numerical Algorithms 59, 1) into integers instead of short floats (Ootomo, Ozaki and Yokota
/// 2024, International Journal of High Performance Computing Applications 38, 4).
///
/// The slices are the bytes of q + 0x80...80, each minus 128, so that no carries propagate.
///
/// A sum of products of slices with bytes is accumulated in 32 bits per slice, C_k, then joined to
/// 64-bit words of four slices each: word_w = sum_k C_(4w + k) 256^k.
namespace annmpi::byte_slices {

/// 64-bit words of a joined sum.
[[nodiscard]] ANNMPI_HOST_DEVICE constexpr std::size_t words(std::size_t slices) {
  return slices / 4;
}
[[nodiscard]] ANNMPI_HOST_DEVICE constexpr int fraction_bits(std::size_t slices) {
  return static_cast<int>(8 * slices) - 2;
}

/// Number of products of a byte and a slice whose sum fits into 32 bits: 2^16 * 255 * 128 < 2^31.
inline constexpr std::size_t most_terms = std::size_t{1} << 16;
/// Number of products with bytes whose sum fits into the words:
/// 2^24 * 255 * 128 * (2^24 + 2^16 + 2^8 + 1) < 2^63 for a lower word, and 2^24 * 255 * 2^30 < 2^63
/// for the highest.
inline constexpr std::uint64_t most_terms_of_words = std::uint64_t{1} << 24;

/// The factors that convert values with a common 2^e to q and back: powers of two, or NaN if the
/// largest value is not finite.
struct Scale {
  double to_whole;
  double from_whole;
};

/// For values of at most `bound` in magnitude; bounds below 2^-900 are taken as 2^-900.
[[nodiscard]] ANNMPI_HOST_DEVICE inline Scale scale_for(double bound, std::size_t slices) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double least = 0x1p-900;
  if (!std::isfinite(bound)) return {nan, nan};
  int exponent = 0;
  std::frexp(bound > least ? bound : least, &exponent);  // bound < 2^exponent
  return {std::ldexp(1.0, fraction_bits(slices) - exponent),
          std::ldexp(1.0, exponent - fraction_bits(slices))};
}

/// high 2^32 + low as a double. Rounded once below 2^85 in magnitude; above, the first 64 bits are
/// rounded too, for an error of (1/2 + 2^-10) units in the last place.
[[nodiscard]] ANNMPI_HOST_DEVICE inline double value_of(std::int64_t high, std::int64_t low) {
  const std::int64_t carried = high + (low >> 32);
  const auto rest = static_cast<double>(low & 0xffffffff);
  return static_cast<double>(carried) * 0x1p32 + rest;
}

}  // namespace annmpi::byte_slices
