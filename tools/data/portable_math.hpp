#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

/// Elementary functions out of additions, multiplications and divisions alone: these round the
/// same way everywhere, so that synthetic data has the same bits on every machine, whatever its
/// mathematical library. Accurate to about 1e-8, far below one grey level.
namespace annmpi::data_tool::portable {

/// The nearest whole number, for |x| < 2^51.
[[nodiscard]] inline double nearest(double x) {
  constexpr double shift = 0x1.8p52;
  return (x + shift) - shift;
}

/// 2^x; 0 below x = -1000. Series of exp(f ln 2) for |f| <= 1/2.
[[nodiscard]] inline double exp2(double x) {
  x = x < -1000.0 ? -1000.0 : (x > 1000.0 ? 1000.0 : x);
  const double whole = nearest(x);
  const double t = (x - whole) * 0.6931471805599453;
  const double series =
      1 +
      t * (1 + t * (1.0 / 2 +
                    t * (1.0 / 6 + t * (1.0 / 24 + t * (1.0 / 120 + t * (1.0 / 720 + t / 5040))))));
  const auto exponent = static_cast<std::int64_t>(whole) + 1023;
  return series * std::bit_cast<double>(exponent << 52);
}

/// log2(x) for normal x > 0: exponent, and the series of atanh for the mantissa.
[[nodiscard]] inline double log2(double x) {
  constexpr std::int64_t half_root = 0x3FE6A09E667F3BCD;  // the bits of sqrt(1/2)
  const auto bits = std::bit_cast<std::int64_t>(x);
  const std::int64_t exponent = (bits - half_root) >> 52;
  const double mantissa = std::bit_cast<double>(bits - (exponent << 52));
  const double s = (mantissa - 1) / (mantissa + 1);
  const double q = s * s;
  const double series = 1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q / 9)));
  return static_cast<double>(exponent) + 2.8853900817779268 * s * series;
}

/// sin(2 pi turns), folded to a quarter turn, where its series converges fast.
[[nodiscard]] inline double sin_turns(double turns) {
  double x = turns - nearest(turns);
  if (x > 0.25) x = 0.5 - x;
  if (x < -0.25) x = -0.5 - x;
  const double t = x * 6.283185307179586;
  const double q = t * t;
  return t *
         (1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72 * (1 - q / 110 * (1 - q / 156))))));
}

[[nodiscard]] inline double cos_turns(double turns) {
  return sin_turns(turns + 0.25);
}

/// asinh(x) for x >= 0 and its odd continuation.
[[nodiscard]] inline double asinh(double x) {
  const double size = x < 0 ? -x : x;
  const double value = 0.6931471805599453 * log2(size + std::sqrt(size * size + 1));
  return x < 0 ? -value : value;
}

}  // namespace annmpi::data_tool::portable
