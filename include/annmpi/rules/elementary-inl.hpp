// exp, log, tanh, erf and what is made of them, for doubles and floats.
//
// Only correctly rounded operations: the same bits on every instruction set and on GPUs.
// Coefficients of polynomials were computed with 50 digits or more; the errors of the polynomials,
// before rounding, are given relative to the result, in units of 2^-53 for doubles and 2^-24 for
// floats.

#if defined(ANNMPI_RULES_ELEMENTARY_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_ELEMENTARY_INL
#undef ANNMPI_RULES_ELEMENTARY_INL
#else
#define ANNMPI_RULES_ELEMENTARY_INL
#endif

#include "annmpi/rules/arithmetic-inl.hpp"

ANNMPI_FORMULAS_BEGIN

/// Limits and coefficients for one number type.
template <class T>
struct Constants;

template <>
struct Constants<double> {
  // e^x is 0 from `least` down, infinity from `largest` up, and 2^n e^r with a normal 2^n where
  // |x| <= `plain`; tanh x and erf x are 1 from their ends up.
  static constexpr double least = -746, largest = 710, plain = 708, tanh_end = 22, erf_end = 6;
  // ln 2 in two parts; the first has 33 bits, so that its product with an exponent is exact.
  static constexpr double ln2_high = 0x1.62e42fefp-1, ln2_low = 0x1.473de6af278edp-34;
  static constexpr double log2_e = 0x1.71547652b82fep+0;
  /// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, within 0.12
  struct Exp {
    static constexpr int terms = 10;
    static constexpr double c[terms] = {
        0x1.af38a9b0ec855p-26, 0x1.289185613a3d6p-22, 0x1.71de0dae63bb3p-19, 0x1.a019b90d2ae7ap-16,
        0x1.a01a01a7c41d5p-13, 0x1.6c16c1788bd90p-10, 0x1.11111111109b3p-7,  0x1.5555555553d63p-5,
        0x1.5555555555556p-3,  0x1.0000000000001p-1};
  };
  /// 2/3 + 2/5 z + 2/7 z^2 + ... for z = s^2 <= 0.0302, within 0.1
  struct Log {
    static constexpr int terms = 7;
    static constexpr double c[terms] = {
        0x1.2b5900de53b32p-3, 0x1.39fe51a7c18f9p-3, 0x1.7462b51cb66b1p-3, 0x1.c71c62e3f11e6p-3,
        0x1.2492492df281ap-2, 0x1.99999999952d7p-2, 0x1.5555555555558p-1};
  };
  /// erf(x) / x - 1 as a polynomial in x^2, |x| < 1, within 0.07 of the whole
  struct Erf {
    static constexpr int terms = 12;
    static constexpr double c[terms] = {
        -0x1.abad40f07b979p-31, 0x1.d71ab3c372c86p-27,  -0x1.5c07194aab0bfp-23,
        0x1.b97fd18b33cfp-20,   -0x1.f4ca4d313e199p-17, 0x1.f9a2baa4cef84p-14,
        -0x1.c02db03da890ap-11, 0x1.565bccf929ec6p-8,   -0x1.b82ce311fa899p-6,
        0x1.ce2f21a040d13p-4,   -0x1.812746b0379bdp-2,  0x1.06eba8214db68p-3};
  };
  /// e^(x^2) erfc(x) as a polynomial in x - 2, 1 <= x <= erf_end, within 0.09 of erf(x)
  struct Erfcx {
    static constexpr int terms = 21;
    static constexpr double c[terms] = {
        0x1.4b087b9465664p-40,  -0x1.16e4feafd8724p-36, 0x1.a58942b78290cp-34,
        -0x1.a9e622f80beabp-32, 0x1.8c9856a2321d3p-30,  -0x1.8c9aacf679919p-28,
        0x1.905df00d641cdp-26,  -0x1.8665d4b552a28p-24, 0x1.725c14b4f5187p-22,
        -0x1.576dd98f7cfa2p-20, 0x1.369684a532198p-18,  -0x1.115d606adc1c5p-16,
        0x1.d37baf7dc9795p-15,  -0x1.83821cfeb5aabp-13, 0x1.369ff9f9c82cep-11,
        -0x1.e028e8bf4b365p-10, 0x1.649072154108ap-8,   -0x1.fa9d3ac919aafp-7,
        0x1.5672b9ea15723p-5,   -0x1.b57034efd416cp-4,  0x1.058671b52c76dp-2};
  };
};

template <>
struct Constants<float> {
  static constexpr float least = -104, largest = 89, plain = 87, tanh_end = 10, erf_end = 4;
  static constexpr float ln2_high = 0x1.62ep-1F, ln2_low = 0x1.0bfbe8p-15F;  // 12 bits of high
  static constexpr float log2_e = 0x1.715476p+0F;
  /// within 0.18
  struct Exp {
    static constexpr int terms = 5;
    static constexpr float c[terms] = {0x1.6d117cp-10F, 0x1.120be2p-7F, 0x1.555518p-5F,
                                       0x1.5554dcp-3F, 0x1.0p-1F};
  };
  /// within 0.06
  struct Log {
    static constexpr int terms = 3;
    static constexpr float c[terms] = {0x1.2f29e6p-2F, 0x1.997aacp-2F, 0x1.55555cp-1F};
  };
  /// within 0.03
  struct Erf {
    static constexpr int terms = 7;
    static constexpr float c[terms] = {0x1.49683ap-14F, -0x1.a3f64p-11F, 0x1.540596p-8F,
                                       -0x1.b7f90ap-6F, 0x1.ce2cf8p-4F,  -0x1.81273ep-2F,
                                       0x1.06eba8p-3F};
  };
  /// within 0.05
  struct Erfcx {
    static constexpr int terms = 9;
    static constexpr float c[terms] = {0x1.c5b63ep-14F,  -0x1.a496b6p-13F, 0x1.0718dap-11F,
                                       -0x1.e7b4bcp-10F, 0x1.66d402p-8F,   -0x1.fa012p-7F,
                                       0x1.5670d6p-5F,   -0x1.b571a2p-4F,  0x1.05866cp-2F};
  };
};

template <class V>
using ConstantsFor = Constants<Number<V>>;

/// c[0] x^n + ... + c[n] by Horner's rule, with all coefficients by default.
template <class Coefficients, int n = Coefficients::terms - 1, class V>
ANNMPI_FORMULA V polynomial(V x) {
  constexpr Number<V> c = Coefficients::c[n];
  if constexpr (n == 0)
    return constant<V>(c);
  else
    return fused(polynomial<Coefficients, n - 1>(x), x, constant<V>(c));
}

/// Magic number: added to a small x, it leaves the nearest integer in the last bits of the sum.
template <class V>
ANNMPI_FORMULA V round_to_integer() {
  using T = Number<V>;
  return constant<V>(static_cast<T>(1.5) * static_cast<T>(std::uint64_t{1} << fraction_bits<T>));
}

/// x = n ln 2 + r with whole n and |r| <= ln 2 / 2 (and a rounding): returns
/// n + round_to_integer, and e^r - 1.
template <class V>
ANNMPI_FORMULA V reduce_exponent(V x, V& power_minus_one) {
  using C = ConstantsFor<V>;
  const V magic = round_to_integer<V>();
  const V rounded = fused(x, constant<V>(C::log2_e), magic);
  const V n = rounded - magic;
  V r = fused(n, constant<V>(-C::ln2_high), x);
  r = fused(n, constant<V>(-C::ln2_low), r);
  power_minus_one = fused(r * r, polynomial<typename C::Exp>(r), r);
  return rounded;
}

/// e^x for |x| <= plain; any number for NaN.
template <class V>
ANNMPI_FORMULA V plain_exp(V x) {
  V power = x;
  const V rounded = reduce_exponent(x, power);
  return add_to_exponent(constant<V>(1) + power, rounded);
}

/// e^x for any x. NaN goes through: no comparison holds for it.
template <class V>
ANNMPI_RARE_FORMULA V any_exp(V x) {
  const V least = constant<V>(ConstantsFor<V>::least);
  const V largest = constant<V>(ConstantsFor<V>::largest);
  x = select(x < least, least, x);
  x = select(x > largest, largest, x);
  V power = x;
  const V magic = round_to_integer<V>();
  const V n = reduce_exponent(x, power) - magic;
  // 2^n in two factors: the result may be subnormal, and n may be one too large.
  const V half = fused(n, constant<V>(static_cast<Number<V>>(0.5)), magic);
  const V rest = n - (half - magic) + magic;
  return (constant<V>(1) + power) * power_of_two(half) * power_of_two(rest);
}

/// e^x
template <class V>
ANNMPI_FORMULA V exp(V x) {
  return all_within(magnitude(x), ConstantsFor<V>::plain) ? plain_exp(x) : any_exp(x);
}

/// e^-|x|
template <class V>
ANNMPI_FORMULA V decay(V x) {
  const V size = magnitude(x);
  const V down = negative(size);
  return all_within(size, ConstantsFor<V>::plain) ? plain_exp(down) : any_exp(down);
}

/// 1 / (1 + e^-x), given x and e^-|x|
template <class V>
ANNMPI_FORMULA V sigmoid_from(V x, V decay) {
  const V one = constant<V>(1);
  return select(x < constant<V>(0), decay, one) / (one + decay);
}

/// 1 / (1 + e^-x)
template <class V>
ANNMPI_FORMULA V sigmoid(V x) {
  return sigmoid_from(x, decay(x));
}

/// log(1 + t) for t in [0, 1]. With 1 + t = 1 + f or 2 (1 + f), f in [-0.3, 0.42], and
/// s = f / (2 + f): log(1 + f) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + R(s^2))).
template <class V>
ANNMPI_FORMULA V log1p_of_fraction(V t) {
  using T = Number<V>;
  using C = ConstantsFor<V>;
  const V zero = constant<V>(0);
  const V half = constant<V>(static_cast<T>(0.5));
  const auto halved = t > constant<V>(static_cast<T>(0.41421356237309503));  // sqrt(2) - 1
  const V f = select(halved, fused(t, half, negative(half)), t);
  const V s = f / (constant<V>(2) + f);
  const V z = s * s;
  const V R = z * polynomial<typename C::Log>(z);
  const V half_square = half * f * f;
  const V low = select(halved, constant<V>(C::ln2_low), zero);
  const V high = select(halved, constant<V>(C::ln2_high), zero);
  const V correction = fused(s, half_square + R, low);
  return high - ((half_square - correction) - f);
}

/// log x for finite doubles x >= 1: with x = 2^n (1 + t), t in [0, 1), n ln 2 + log(1 + t). Both
/// terms are positive: nothing cancels. Infinity and NaN give NaN.
template <class V>
ANNMPI_FORMULA V log_from_one(V x) {
  V mantissa = x;
  const V n = split_exponent(x, mantissa);
  const V tail = fused(n, constant<V>(Constants<double>::ln2_low),
                       log1p_of_fraction(mantissa - constant<V>(1)));
  return fused(n, constant<V>(Constants<double>::ln2_high), tail) + (x - x);
}

/// e^x - 1 for |x| <= plain, which keeps its digits for small x.
template <class V>
ANNMPI_FORMULA V plain_expm1(V x) {
  V power = x;
  const V scale = power_of_two(reduce_exponent(x, power));
  return fused(scale, power, scale - constant<V>(1));
}

/// tanh x = m / (m + 2) with m = e^2|x| - 1.
template <class V>
ANNMPI_FORMULA V tanh(V x) {
  const V largest = constant<V>(ConstantsFor<V>::tanh_end);
  V size = magnitude(x);
  size = select(size > largest, largest, size);
  const V m = plain_expm1(size + size);
  return copy_sign(m / (m + constant<V>(2)), x);
}

/// e^x - 1 for x <= 0.
template <class V>
ANNMPI_FORMULA V expm1_of_negative(V x) {
  const V least = constant<V>(-2 * ConstantsFor<V>::tanh_end);
  return plain_expm1(select(x < least, least, x));
}

/// erf x = 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.
template <class V>
ANNMPI_FORMULA V erf(V x) {
  using C = ConstantsFor<V>;
  const V end = constant<V>(C::erf_end);
  V size = magnitude(x);
  size = select(size > end, end, size);
  const V square = size * size;
  const V near_zero = fused(size, polynomial<typename C::Erf>(square), size);
  const V rest = plain_exp(negative(square)) * polynomial<typename C::Erfcx>(size - constant<V>(2));
  const V one = constant<V>(1);
  return copy_sign(select(size < one, near_zero, one - rest), x);
}

ANNMPI_FORMULAS_END

#endif
