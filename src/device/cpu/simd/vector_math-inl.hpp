// exp, sigmoid, tanh and softplus of vectors of doubles and floats; included once per SIMD target.
//
// All targets execute the same correctly rounded operations, hence give the same bits. Polynomials
// are Chebyshev interpolations computed with 60 digits; their errors are given relative to the
// result, in units of 2^-53 for doubles and 2^-24 for floats.

#if defined(ANNMPI_KERNELS_VECTOR_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_VECTOR_MATH_INL
#undef ANNMPI_KERNELS_VECTOR_MATH_INL
#else
#define ANNMPI_KERNELS_VECTOR_MATH_INL
#endif

#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// Limits and coefficients for one number type.
template <class T>
struct Constants;

template <>
struct Constants<double> {
  static constexpr int fraction_bits = 52;
  static constexpr int exponent_bias = 1023;
  // e^x is 0 from `least` down, infinity from `largest` up, and 2^n e^r with a normal 2^n where
  // |x| <= `plain`; tanh x is 1 from `tanh_end` up.
  static constexpr double least = -746, largest = 710, plain = 708, tanh_end = 22;
  // ln 2 in two parts; the first has 33 bits, so that its product with an exponent is exact.
  static constexpr double ln2_high = 0x1.62e42fefp-1, ln2_low = 0x1.473de6af278edp-34;
  static constexpr double log2_e = 0x1.71547652b82fep+0;
  /// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, within 0.12
  static constexpr double exp[] = {
      0x1.af38a9b0ec855p-26, 0x1.289185613a3d6p-22, 0x1.71de0dae63bb3p-19, 0x1.a019b90d2ae7ap-16,
      0x1.a01a01a7c41d5p-13, 0x1.6c16c1788bd90p-10, 0x1.11111111109b3p-7,  0x1.5555555553d63p-5,
      0x1.5555555555556p-3,  0x1.0000000000001p-1};
  /// 2/3 + 2/5 z + 2/7 z^2 + ... for z = s^2 <= 0.0302, within 0.1
  static constexpr double log[] = {0x1.2b5900de53b32p-3, 0x1.39fe51a7c18f9p-3, 0x1.7462b51cb66b1p-3,
                                   0x1.c71c62e3f11e6p-3, 0x1.2492492df281ap-2, 0x1.99999999952d7p-2,
                                   0x1.5555555555558p-1};
};

template <>
struct Constants<float> {
  static constexpr int fraction_bits = 23;
  static constexpr int exponent_bias = 127;
  static constexpr float least = -104, largest = 89, plain = 87, tanh_end = 10;
  static constexpr float ln2_high = 0x1.62ep-1F, ln2_low = 0x1.0bfbe8p-15F;  // 12 bits of high
  static constexpr float log2_e = 0x1.715476p+0F;
  /// within 0.18
  static constexpr float exp[] = {0x1.6d117cp-10F, 0x1.120be2p-7F, 0x1.555518p-5F, 0x1.5554dcp-3F,
                                  0x1.0p-1F};
  /// within 0.06
  static constexpr float log[] = {0x1.2f29e6p-2F, 0x1.997aacp-2F, 0x1.55555cp-1F};
};

template <class D>
using ConstantsFor = Constants<hn::TFromD<D>>;

/// Magic number: added to a small x, it leaves the nearest integer in the last bits of the sum.
template <class D>
HWY_INLINE hn::Vec<D> round_to_integer(D d) {
  using T = hn::TFromD<D>;
  return hn::Set(
      d, static_cast<T>(1.5) * static_cast<T>(std::uint64_t{1} << ConstantsFor<D>::fraction_bits));
}

/// c[0] x^(n-1) + ... + c[n-1]
template <class D, std::size_t N>
HWY_INLINE hn::Vec<D> polynomial(D d, hn::Vec<D> x, const hn::TFromD<D> (&coefficients)[N]) {
  hn::Vec<D> sum = hn::Set(d, coefficients[0]);
#pragma GCC unroll 16
  for (std::size_t n = 1; n < N; ++n) sum = fused(d, sum, x, hn::Set(d, coefficients[n]));
  return sum;
}

/// 2^n for whole n that are exponents of normal numbers, given n + round_to_integer.
template <class D>
HWY_INLINE hn::Vec<D> power_of_two(D d, hn::Vec<D> rounded) {
  const hn::RebindToUnsigned<D> bits;
  return hn::BitCast(
      d, hn::ShiftLeft<ConstantsFor<D>::fraction_bits>(
             hn::Add(hn::BitCast(bits, rounded), hn::Set(bits, ConstantsFor<D>::exponent_bias))));
}

/// x = n ln 2 + r with whole n and |r| <= ln 2 / 2 (and a rounding): returns
/// n + round_to_integer, and e^r - 1.
template <class D>
HWY_INLINE hn::Vec<D> reduce_exponent(D d, hn::Vec<D> x, hn::Vec<D>& power_minus_one) {
  using C = ConstantsFor<D>;
  const auto magic = round_to_integer(d);
  const auto rounded = fused(d, x, hn::Set(d, C::log2_e), magic);
  const auto n = hn::Sub(rounded, magic);
  auto r = fused(d, n, hn::Set(d, -C::ln2_high), x);
  r = fused(d, n, hn::Set(d, -C::ln2_low), r);
  power_minus_one = fused(d, hn::Mul(r, r), polynomial(d, r, C::exp), r);
  return rounded;
}

/// e^x for |x| <= plain.
template <class D>
HWY_INLINE hn::Vec<D> plain_exp_of(D d, hn::Vec<D> x) {
  auto power = hn::Zero(d);
  const auto rounded = reduce_exponent(d, x, power);
  power = hn::Add(hn::Set(d, hn::TFromD<D>(1)), power);
  // Times 2^n: n added to the exponent.
  const hn::RebindToUnsigned<D> bits;
  return hn::BitCast(
      d, hn::Add(hn::BitCast(bits, power),
                 hn::ShiftLeft<ConstantsFor<D>::fraction_bits>(hn::BitCast(bits, rounded))));
}

/// e^x for any x. NaN goes through: no comparison holds for it.
template <class D>
HWY_NOINLINE hn::Vec<D> any_exp_of(D d, hn::Vec<D> x) {
  const auto least = hn::Set(d, ConstantsFor<D>::least);
  const auto largest = hn::Set(d, ConstantsFor<D>::largest);
  x = hn::IfThenElse(hn::Lt(x, least), least, x);
  x = hn::IfThenElse(hn::Gt(x, largest), largest, x);
  auto power = hn::Zero(d);
  const auto magic = round_to_integer(d);
  const auto n = hn::Sub(reduce_exponent(d, x, power), magic);
  // 2^n in two factors: the result may be subnormal, and n may be one too large.
  const auto half = fused(d, n, hn::Set(d, hn::TFromD<D>(0.5)), magic);
  const auto rest = hn::Add(hn::Sub(n, hn::Sub(half, magic)), magic);
  power = hn::Add(hn::Set(d, hn::TFromD<D>(1)), power);
  return hn::Mul(hn::Mul(power, power_of_two(d, half)), power_of_two(d, rest));
}

/// Whether plain_exp_of() is valid for all lanes; false if one is NaN.
template <class D>
HWY_INLINE bool are_plain(D d, hn::Vec<D> size) {
  return hn::AllTrue(d, hn::Le(size, hn::Set(d, ConstantsFor<D>::plain)));
}

/// e^x
template <class D>
HWY_INLINE hn::Vec<D> exp_of(D d, hn::Vec<D> x) {
  return HWY_LIKELY(are_plain(d, hn::Abs(x))) ? plain_exp_of(d, x) : any_exp_of(d, x);
}

/// e^-|x|
template <class D>
HWY_INLINE hn::Vec<D> decay_of(D d, hn::Vec<D> x) {
  const auto size = hn::Abs(x);
  const auto down = hn::Neg(size);
  return HWY_LIKELY(are_plain(d, size)) ? plain_exp_of(d, down) : any_exp_of(d, down);
}

/// 1 / (1 + e^-x), given x and e^-|x|
template <class D>
HWY_INLINE hn::Vec<D> sigmoid_from(D d, hn::Vec<D> x, hn::Vec<D> decay) {
  const auto one = hn::Set(d, hn::TFromD<D>(1));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), decay, one), hn::Add(one, decay));
}

/// log(1 + t) for t in [0, 1]. With 1 + t = 1 + f or 2 (1 + f), f in [-0.3, 0.42], and
/// s = f / (2 + f): log(1 + f) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + R(s^2))).
template <class D>
HWY_INLINE hn::Vec<D> log1p_of(D d, hn::Vec<D> t) {
  using T = hn::TFromD<D>;
  using C = ConstantsFor<D>;
  const auto half = hn::Set(d, T(0.5));
  const auto halved = hn::Gt(t, hn::Set(d, T(0.41421356237309503)));  // sqrt(2) - 1
  const auto f = hn::IfThenElse(halved, fused(d, t, half, hn::Neg(half)), t);
  const auto s = hn::Div(f, hn::Add(hn::Set(d, T(2)), f));
  const auto z = hn::Mul(s, s);
  const auto R = hn::Mul(z, polynomial(d, z, C::log));
  const auto half_square = hn::Mul(hn::Mul(half, f), f);
  const auto low = hn::IfThenElseZero(halved, hn::Set(d, C::ln2_low));
  const auto high = hn::IfThenElseZero(halved, hn::Set(d, C::ln2_high));
  const auto correction = fused(d, s, hn::Add(half_square, R), low);
  return hn::Sub(high, hn::Sub(hn::Sub(half_square, correction), f));
}

/// log x for finite x >= 1: with x = 2^n (1 + t), t in [0, 1), n ln 2 + log(1 + t). Both terms are
/// positive: nothing cancels. Infinity and NaN give NaN.
template <class D>
HWY_INLINE hn::Vec<D> log_from_one_of(D d, hn::Vec<D> x) {
  const hn::RebindToUnsigned<D> bits;
  constexpr std::uint64_t fraction = (std::uint64_t{1} << 52) - 1;
  const auto pattern = hn::BitCast(bits, x);
  const auto one = hn::Set(d, 1.0);
  const auto mantissa =
      hn::BitCast(d, hn::Or(hn::And(pattern, hn::Set(bits, fraction)), hn::BitCast(bits, one)));
  // The exponent as a double: its bits as the low bits of 2^52.
  const auto base = hn::Set(d, 0x1p52);
  const auto n =
      hn::Sub(hn::BitCast(d, hn::Or(hn::ShiftRight<52>(pattern), hn::BitCast(bits, base))),
              hn::Set(d, 0x1p52 + 1023));
  const auto tail =
      fused(d, n, hn::Set(d, Constants<double>::ln2_low), log1p_of(d, hn::Sub(mantissa, one)));
  const auto value = fused(d, n, hn::Set(d, Constants<double>::ln2_high), tail);
  return hn::Add(value, hn::Sub(x, x));
}

/// tanh x = m / (m + 2) with m = e^2|x| - 1, which keeps its digits for small x.
template <class D>
HWY_INLINE hn::Vec<D> tanh_of(D d, hn::Vec<D> x) {
  using T = hn::TFromD<D>;
  const auto largest = hn::Set(d, ConstantsFor<D>::tanh_end);
  auto size = hn::Abs(x);
  size = hn::IfThenElse(hn::Gt(size, largest), largest, size);
  auto power = hn::Zero(d);
  const auto scale = power_of_two(d, reduce_exponent(d, hn::Add(size, size), power));
  const auto m = fused(d, scale, power, hn::Sub(scale, hn::Set(d, T(1))));
  return hn::CopySign(hn::Div(m, hn::Add(m, hn::Set(d, T(2)))), x);
}

struct Exp {
  template <class D>
  static HWY_INLINE hn::Vec<D> of(D d, hn::Vec<D> x) {
    return exp_of(d, x);
  }
};
struct Sigmoid {
  template <class D>
  static HWY_INLINE hn::Vec<D> of(D d, hn::Vec<D> x) {
    return sigmoid_from(d, x, decay_of(d, x));
  }
};
struct Tanh {
  template <class D>
  static HWY_INLINE hn::Vec<D> of(D d, hn::Vec<D> x) {
    return tanh_of(d, x);
  }
};
struct LogFromOne {
  template <class D>
  static HWY_INLINE hn::Vec<D> of(D d, hn::Vec<D> x) {
    return log_from_one_of(d, x);
  }
};
struct SoftplusTail {
  template <class D>
  static HWY_INLINE hn::Vec<D> of(D d, hn::Vec<D> x) {
    return log1p_of(d, decay_of(d, x));
  }
};

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
