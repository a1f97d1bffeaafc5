#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "annmpi/base/host_device.hpp"

/// Sums of doubles that are independent of the order, with ordinary additions.
///
/// Let |v| <= B for each of at most N partial values v, e = ceil(log2 B), k = ceil(log2 N), and
///
///     C1 = 1.5 * 2^(e + k + 1)        C2 = 1.5 * 2^(e + 2k - 51)
///     high = (v + C1) - C1              rest = v - high
///     low = (rest + C2) - C2
///
/// Claim: all of these are exact except the two additions to C1 and C2, and sums of highs and sums
/// of lows are exact, hence associative and commutative.
///
/// Sketch of the proof (after Demmel and Nguyen 2015, IEEE Transactions on Computers 64, 7, who
/// split against such constants as well):
///  1. |v| <= 2^e, so v + C1 lies in [2^(e+k+1), 2^(e+k+2)), where doubles are u1 = 2^(e+k-51)
///     apart. Hence high, the difference of two of them, is a multiple of u1, exact by Sterbenz'
///     lemma, and |rest| <= u1 / 2. rest is exact: v and high are multiples of the last bit of v
///     or of u1, whichever is smaller, and |rest| <= |v| or u1 / 2.
///  2. |high| <= 2^e + u1 / 2 and there are N <= 2^k of them: any partial sum is a multiple of u1
///     and at most 2^k (2^e + u1 / 2) < 2^(e+k+1) = 2^52 u1: it fits into 53 bits. No addition
///     rounds.
///  3. C2 = 1.5 * 2^(f + k + 1) with f = e + k - 52 and |rest| <= u1 / 2 = 2^f: steps 1 and 2 hold
///     for rest instead of v and f instead of e. low is a multiple of
///     u2 = 2^(f+k-51) = 2^(e+2k-103). The discarded parts, at most u2 / 2 per value, add up to at
///     most 2^(e+3k-104): N^3 B 2^-104 where N and B are powers of two.
///
/// high + low is rounded once, when the sum is read, so the order of the additions cannot show. A
/// bound that is too small breaks step 1 silently: every caller must be able to prove its B.
///
/// Requires rounding to nearest and no flushing of subnormal numbers (base/arithmetic checks both).
/// Plain functions without state, usable on a GPU.
namespace annmpi::exact_sum {

/// The two constants of a split.
struct Split {
  double c1;
  double c2;
};

/// The parts of a value that are summed separately.
struct Parts {
  double high;
  double low;
};

/// ceil(log2 x) for finite x > 0.
[[nodiscard]] ANNMPI_HOST_DEVICE inline int ceil_log2(double x) {
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);  // in [0.5, 1)
  return fraction == 0.5 ? exponent - 1 : exponent;
}

/// The constants for values of at most `bound` in magnitude, `count` of them on all ranks.
///
/// Bounds below 2^-900 are taken as 2^-900, so that no constant is subnormal. Where the bound is
/// not finite, or a sum might reach 2^1000, the constants and every sum are NaN: never a wrong
/// number.
[[nodiscard]] ANNMPI_HOST_DEVICE inline Split make_split(double bound, std::uint64_t count) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr int least_exponent = -900;
  constexpr int largest_exponent = 1000;
  if (!std::isfinite(bound)) return {nan, nan};
  const int k = count <= 1 ? 0 : ceil_log2(static_cast<double>(count));
  const int e = bound > std::ldexp(1.0, least_exponent) ? ceil_log2(bound) : least_exponent;
  if (e + k > largest_exponent) return {nan, nan};
  return {std::ldexp(1.5, e + k + 1), std::ldexp(1.5, e + 2 * k - 51)};
}

/// The parts of one value. Must be compiled without contraction into fused operations, because each
/// addition has to round.
[[nodiscard]] ANNMPI_HOST_DEVICE inline Parts parts_of(double value, Split split) {
  const double high = (value + split.c1) - split.c1;
  const double rest = value - high;
  return {high, (rest + split.c2) - split.c2};
}

}  // namespace annmpi::exact_sum
