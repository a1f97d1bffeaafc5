#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace annmpi {

/// The exact sum of arbitrary doubles, in integers (Kulisch and Miranker 1986, SIAM Review 28, 1).
///
/// A fixed-point number that covers the whole range of double: limb k counts multiples of
/// 2^(32 k - 1074), 2^-1074 being the least subnormal. Adding a double touches three limbs and
/// rounds nothing, so sums are associative and commutative over threads and ranks; MPI_SUM on the
/// limbs reduces them. value() rounds once.
///
/// A limb has 64 bits and grows by at most 2^32 in magnitude per addition: 2^31 additions fit, over
/// all ranks together. This is not checked; add partial sums of chunks, not single terms.
class Superaccumulator {
 public:
  /// 66 limbs for the bits of 2^-1074 ... 2^1024 and carries, and one that counts terms that are
  /// not finite.
  static constexpr std::size_t size = 67;

  void add(double term);
  /// Adds another sum limb by limb.
  void add(const Superaccumulator& other);

  /// The sum, rounded once to nearest, ties to even; infinite beyond the range of double, NaN if
  /// any term was not finite.
  [[nodiscard]] double value() const;

  /// For reductions: the limbs of all ranks are added element by element.
  [[nodiscard]] std::span<std::int64_t, size> limbs() { return limbs_; }
  [[nodiscard]] std::span<const std::int64_t, size> limbs() const { return limbs_; }

 private:
  static constexpr std::size_t digits = size - 1;
  using Digits = std::array<std::int64_t, digits>;

  [[nodiscard]] static Digits carried(Digits limbs);

  std::array<std::int64_t, size> limbs_{};
};

}  // namespace annmpi
