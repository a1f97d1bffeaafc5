// The operations in which formulas are written, beside + - * / and < >: the same correctly rounded
// results for vectors of Highway and for single numbers. NaN compares false.

#if defined(ANNMPI_RULES_ARITHMETIC_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_RULES_ARITHMETIC_INL
#undef ANNMPI_RULES_ARITHMETIC_INL
#else
#define ANNMPI_RULES_ARITHMETIC_INL
#endif

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#ifdef HWY_TARGET_INCLUDE
#include <hwy/highway.h>
#endif

#include "annmpi/rules/formulas.hpp"

ANNMPI_FORMULAS_BEGIN

/// Bits of a number's fraction, and the bias of its exponent.
template <class T>
inline constexpr int fraction_bits = sizeof(T) == 8 ? 52 : 23;
template <class T>
inline constexpr int exponent_bias = sizeof(T) == 8 ? 1023 : 127;

#ifdef HWY_TARGET_INCLUDE

namespace hn = hwy::HWY_NAMESPACE;

/// The type of the numbers of a V.
template <class V>
using Number = hn::TFromV<V>;

template <class V>
ANNMPI_FORMULA V constant(Number<V> value) {
  return hn::Set(hn::DFromV<V>(), value);
}
/// a b + c, rounded once.
template <class V>
ANNMPI_FORMULA V fused(V a, V b, V c) {
#if HWY_NATIVE_FMA || HWY_TARGET == HWY_NEON
  return hn::MulAdd(a, b, c);
#else
  constexpr hn::DFromV<V> d;
  constexpr std::size_t lanes = hn::MaxLanes(d);
  HWY_ALIGN Number<V> x[lanes], y[lanes], z[lanes];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  hn::Store(c, d, z);
  for (std::size_t l = 0; l < lanes; ++l) z[l] = std::fma(x[l], y[l], z[l]);
  return hn::Load(d, z);
#endif
}
template <class V>
ANNMPI_FORMULA V negative(V x) {
  return hn::Neg(x);
}
template <class V>
ANNMPI_FORMULA V magnitude(V x) {
  return hn::Abs(x);
}
template <class V>
ANNMPI_FORMULA V square_root(V x) {
  return hn::Sqrt(x);
}
template <class V>
ANNMPI_FORMULA V copy_sign(V size, V sign) {
  return hn::CopySign(size, sign);
}
template <class Mask, class V>
ANNMPI_FORMULA V select(Mask condition, V yes, V no) {
  return hn::IfThenElse(condition, yes, no);
}
/// Whether |x| <= most for all numbers of x; false if one is NaN.
template <class V>
ANNMPI_FORMULA bool all_within(V magnitudes, Number<V> most) {
  return HWY_LIKELY(hn::AllTrue(hn::DFromV<V>(), hn::Le(magnitudes, constant<V>(most))));
}

/// n as the last bits of n + round_to_integer() (elementary-inl.hpp), added to the exponent of x.
template <class V>
ANNMPI_FORMULA V add_to_exponent(V x, V rounded) {
  constexpr hn::DFromV<V> d;
  constexpr hn::RebindToUnsigned<hn::DFromV<V>> bits;
  return hn::BitCast(d, hn::Add(hn::BitCast(bits, x), hn::ShiftLeft<fraction_bits<Number<V>>>(
                                                          hn::BitCast(bits, rounded))));
}
/// The same n as 2^n.
template <class V>
ANNMPI_FORMULA V power_of_two(V rounded) {
  constexpr hn::DFromV<V> d;
  constexpr hn::RebindToUnsigned<hn::DFromV<V>> bits;
  return hn::BitCast(d, hn::ShiftLeft<fraction_bits<Number<V>>>(hn::Add(
                            hn::BitCast(bits, rounded), hn::Set(bits, exponent_bias<Number<V>>))));
}
/// For positive normal doubles x = 2^n m: n, and m in [1, 2).
template <class V>
ANNMPI_FORMULA V split_exponent(V x, V& mantissa) {
  constexpr hn::DFromV<V> d;
  constexpr hn::RebindToUnsigned<hn::DFromV<V>> bits;
  const auto pattern = hn::BitCast(bits, x);
  const auto fraction = hn::Set(bits, (std::uint64_t{1} << 52) - 1);
  const auto one = hn::BitCast(bits, hn::Set(d, 1.0));
  mantissa = hn::BitCast(d, hn::Or(hn::And(pattern, fraction), one));
  // The exponent as a double: its bits as the low bits of 2^52.
  const auto base = hn::BitCast(bits, hn::Set(d, 0x1p52));
  return hn::Sub(hn::BitCast(d, hn::Or(hn::ShiftRight<52>(pattern), base)),
                 hn::Set(d, 0x1p52 + 1023));
}

#else

template <class V>
using Number = V;

template <class V>
using Bits = std::conditional_t<sizeof(V) == 8, std::uint64_t, std::uint32_t>;

template <class V>
ANNMPI_FORMULA V constant(V value) {
  return value;
}
template <class V>
ANNMPI_FORMULA V fused(V a, V b, V c) {
  return std::fma(a, b, c);
}
template <class V>
ANNMPI_FORMULA V negative(V x) {
  return -x;
}
template <class V>
ANNMPI_FORMULA V magnitude(V x) {
  return std::fabs(x);
}
template <class V>
ANNMPI_FORMULA V square_root(V x) {
  return std::sqrt(x);
}
template <class V>
ANNMPI_FORMULA V copy_sign(V size, V sign) {
  return std::copysign(size, sign);
}
template <class V>
ANNMPI_FORMULA V select(bool condition, V yes, V no) {
  return condition ? yes : no;
}
template <class V>
ANNMPI_FORMULA bool all_within(V magnitudes, V most) {
  return magnitudes <= most;
}
template <class V>
ANNMPI_FORMULA V add_to_exponent(V x, V rounded) {
  const auto n = std::bit_cast<Bits<V>>(rounded) << fraction_bits<V>;
  return std::bit_cast<V>(static_cast<Bits<V>>(std::bit_cast<Bits<V>>(x) + n));
}
template <class V>
ANNMPI_FORMULA V power_of_two(V rounded) {
  const Bits<V> n = std::bit_cast<Bits<V>>(rounded) + static_cast<Bits<V>>(exponent_bias<V>);
  return std::bit_cast<V>(static_cast<Bits<V>>(n << fraction_bits<V>));
}
ANNMPI_FORMULA double split_exponent(double x, double& mantissa) {
  const auto pattern = std::bit_cast<std::uint64_t>(x);
  mantissa = std::bit_cast<double>((pattern & 0xfffffffffffff) | 0x3ff0000000000000);
  return static_cast<double>(static_cast<int>(pattern >> 52)) - 1023;
}

#endif

ANNMPI_FORMULAS_END

#endif
