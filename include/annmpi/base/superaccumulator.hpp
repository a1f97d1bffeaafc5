#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace annmpi {

/// The exact sum of any doubles, in integers (Kulisch and Miranker 1986, SIAM Review 28, 1).
///
/// A fixed-point number that covers the whole range of double: limb k counts multiples of
/// 2^(32 k - 1074), the least subnormal being 2^-1074. Adding a double touches three limbs and
/// rounds nothing, so sums are associative and commutative: any order, threads or ranks, with the
/// ordinary SUM of MPI on the limbs. Rounding happens once, in value().
///
/// A limb has 64 bits and takes at most 2^32 in magnitude from one addition: 2^31 additions fit,
/// over all ranks together. That is not checked; add partial sums of chunks, not single terms.
class Superaccumulator {
 public:
  /// 66 limbs for the bits of 2^-1074 ... 2^1024 and the carries above them, and one more that
  /// counts what is not finite.
  static constexpr std::size_t size = 67;

  void add(double term);
  /// Adds another sum, limb by limb.
  void add(const Superaccumulator& other);

  /// The sum, rounded once to nearest, ties to even; infinite where it is beyond double's range,
  /// NaN if any term was not finite.
  [[nodiscard]] double value() const;

  /// For reductions: add the limbs of all ranks element by element.
  [[nodiscard]] std::span<std::int64_t, size> limbs() { return limbs_; }
  [[nodiscard]] std::span<const std::int64_t, size> limbs() const { return limbs_; }

 private:
  static constexpr std::size_t digits = size - 1;
  using Digits = std::array<std::int64_t, digits>;

  [[nodiscard]] static Digits carried(Digits limbs);

  std::array<std::int64_t, size> limbs_{};
};

}  // namespace annmpi
