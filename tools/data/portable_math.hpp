#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

/// Elementary functions from additions, multiplications and divisions alone. These round the same
/// way everywhere, so synthetic data has the same bits on every machine and mathematical library.
/// Single precision and free of branches, so that compilers vectorise loops over them. Accurate to
/// about 1e-6, far below one grey level.
namespace annmpi::data_tool::portable {

/// The nearest whole number, for |x| < 2^22.
[[nodiscard]] inline float nearest(float x) {
  constexpr float shift = 0x1.8p23F;
  return (x + shift) - shift;
}

/// 2^x for x in [-126, 126], clamped outside. Series of exp(f ln 2) for |f| <= 1/2.
[[nodiscard]] inline float exp2(float x) {
  x = x < -126.0F ? -126.0F : x;
  x = x > 126.0F ? 126.0F : x;
  const float whole = nearest(x);
  const float t = (x - whole) * 0.693147181F;
  const float series =
      1 + t * (1 + t * (1.0F / 2 + t * (1.0F / 6 + t * (1.0F / 24 + t * (1.0F / 120 + t / 720)))));
  const auto exponent = static_cast<std::int32_t>(whole) + 127;
  return series * std::bit_cast<float>(exponent << 23);
}

/// log2(x) for normal x > 0: exponent, and the series of atanh for the mantissa.
[[nodiscard]] inline float log2(float x) {
  constexpr std::int32_t half_root = 0x3F3504F3;  // the bits of sqrt(1/2)
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - half_root) >> 23;
  const float mantissa = std::bit_cast<float>(bits - (exponent << 23));
  const float s = (mantissa - 1) / (mantissa + 1);
  const float q = s * s;
  const float series = 1 + q * (1.0F / 3 + q * (1.0F / 5 + q * (1.0F / 7)));
  return static_cast<float>(exponent) + 2.88539008F * s * series;
}

/// sin(2 pi turns), reduced to a quarter turn, where its series converges fast.
[[nodiscard]] inline float sin_turns(float turns) {
  const float x = turns - nearest(turns);
  const float t = (0.25F - std::abs(std::abs(x) - 0.25F)) * 6.28318531F;
  const float q = t * t;
  return std::copysign(t * (1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72 * (1 - q / 110))))),
                       x);
}

[[nodiscard]] inline float cos_turns(float turns) {
  return sin_turns((turns - nearest(turns)) + 0.25F);
}

/// asinh(x)
[[nodiscard]] inline float asinh(float x) {
  const float size = std::abs(x);
  return std::copysign(0.693147181F * log2(size + std::sqrt(size * size + 1)), x);
}

}  // namespace annmpi::data_tool::portable
