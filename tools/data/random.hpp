#pragma once

#include <cstdint>

#include "annmpi/base/feistel.hpp"

namespace annmpi::data_tool {

/// Random numbers that depend on (seed, stream) alone: row i uses stream i, independent of the
/// other rows. Values are exact in binary arithmetic, so every machine draws the same ones.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream)
      : state_(mix_bits(mix_bits(seed + golden_gamma) ^ mix_bits(stream + 2 * golden_gamma))) {}

  [[nodiscard]] std::uint64_t bits() {
    state_ += golden_gamma;
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
  std::uint64_t state_;
};

}  // namespace annmpi::data_tool
