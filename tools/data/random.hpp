#pragma once

#include <cstdint>

namespace annmpi::data_tool {

/// Mixes 64 bits: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

/// Random numbers that depend on (seed, stream) alone: row i uses stream i, independent of the
/// other rows. Values are exact in binary arithmetic, so every machine draws the same ones.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream)
      : state_(mix_bits(mix_bits(seed + golden) ^ mix_bits(stream + 2 * golden))) {}

  [[nodiscard]] std::uint64_t bits() {
    state_ += golden;
    return mix_bits(state_);
  }

  /// Uniform in [0, 1), a multiple of 2^-24.
  [[nodiscard]] float uniform() { return static_cast<float>(bits() >> 40) * 0x1p-24F; }
  [[nodiscard]] float uniform(float low, float high) { return low + (high - low) * uniform(); }

  /// Mean 0 and variance 1, approximately normal and within 3.5: the sum of four uniform numbers of
  /// 16 bits.
  [[nodiscard]] float normal() {
    const std::uint64_t word = bits();
    const auto sum = static_cast<std::int32_t>((word & 0xFFFF) + (word >> 16 & 0xFFFF) +
                                               (word >> 32 & 0xFFFF) + (word >> 48));
    return static_cast<float>(sum - 131070) * (1.7320508F / 65536.0F);
  }

  [[nodiscard]] bool chance(float probability) { return uniform() < probability; }

 private:
  static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15U;
  std::uint64_t state_;
};

}  // namespace annmpi::data_tool
