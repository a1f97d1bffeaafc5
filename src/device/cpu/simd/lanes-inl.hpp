// Vector types, loads and fused multiply-adds of the kernels; included once per SIMD target
// (Highway's foreach_target.h).

#if defined(ANNMPI_KERNELS_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_LANES_INL
#undef ANNMPI_KERNELS_LANES_INL
#else
#define ANNMPI_KERNELS_LANES_INL
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "annmpi/base/half.hpp"
#include "annmpi/rules/arithmetic-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
namespace formulas = rules::HWY_NAMESPACE;
using formulas::fused;

/// Number of partial sums of every sum, whatever the vector length, so that all targets round
/// alike.
template <class Real>
constexpr std::size_t logical_lanes = 64 / sizeof(Real);

/// Vector registers. Fewer give fewer and smaller register blocks with the same results: for
/// targets whose speed does not matter, and for sanitizers, which compile large blocks for minutes.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || defined(ANNMPI_KERNELS_SMALL_BLOCKS)
constexpr std::size_t vector_registers = 8;
#elif HWY_TARGET == HWY_AVX2
constexpr std::size_t vector_registers = 16;
#else
constexpr std::size_t vector_registers = 32;
#endif

/// Vectors of Real for features stored as T, which must fit into a vector before conversion too.
template <class Real, class T = Real>
using Vectors =
    hn::CappedTag<Real, (sizeof(T) > sizeof(Real) ? HWY_LANES(T) : logical_lanes<Real>)>;

/// Keeps the compiler from reloading a vector for each use: g++ folds loads into fused
/// multiply-adds, and the kernels would then be bound by loads.
template <class V>
HWY_INLINE void keep_in_register(V& vector) {
#if HWY_ARCH_X86 && (HWY_COMPILER_GCC || HWY_COMPILER_CLANG) && HWY_MAX_BYTES >= 32
  asm("" : "+v"(vector.raw));
#else
  (void)vector;
#endif
}

/// Loads and converts a vector from stored elements.
template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const hn::TFromD<D>* from) {
  return hn::LoadU(d, from);
}
template <class D>
requires(sizeof(hn::TFromD<D>) == 8) HWY_INLINE hn::Vec<D> load_as(D d, const float* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), from));
}
template <class D>
requires(sizeof(hn::TFromD<D>) == 4) HWY_INLINE hn::Vec<D> load_as(D d, const double* from) {
  return hn::DemoteTo(d, hn::LoadU(hn::Rebind<double, D>(), from));
}
template <class D>
requires(sizeof(hn::TFromD<D>) == 8) HWY_INLINE hn::Vec<D> load_as(D d, const std::uint8_t* from) {
#if HWY_TARGET == HWY_AVX3
  // Through 64-bit integers: one instruction less than through 32-bit ones.
  if constexpr (hn::MaxLanes(D()) == 8) {
    (void)d;
    return hn::Vec<D>{_mm512_cvtepu64_pd(
        _mm512_cvtepu8_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))))};
  }
#endif
  const hn::Rebind<std::int32_t, D> whole;
  return hn::PromoteTo(d, hn::PromoteTo(whole, hn::LoadU(hn::Rebind<std::uint8_t, D>(), from)));
}
template <class D>
requires(sizeof(hn::TFromD<D>) == 4) HWY_INLINE hn::Vec<D> load_as(D d, const std::uint8_t* from) {
  const hn::Rebind<std::int32_t, D> whole;
  return hn::ConvertTo(d, hn::PromoteTo(whole, hn::LoadU(hn::Rebind<std::uint8_t, D>(), from)));
}
template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const std::uint16_t* from) {
  const hn::Rebind<std::int32_t, D> whole;
  const auto numbers = hn::PromoteTo(whole, hn::LoadU(hn::Rebind<std::uint16_t, D>(), from));
  if constexpr (sizeof(hn::TFromD<D>) == 8)
    return hn::PromoteTo(d, numbers);
  else
    return hn::ConvertTo(d, numbers);
}

template <class D>
HWY_INLINE hn::Vec<D> load_as(D d, const Half* from) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    const hn::Rebind<float, D> narrow;
    return hn::PromoteTo(d, load_as(narrow, from));
  } else {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
    // Highway's own conversion takes infinity and NaN for numbers on these targets.
    constexpr std::size_t lanes = hn::MaxLanes(d);
    HWY_ALIGN float widened[lanes];
    for (std::size_t l = 0; l < lanes; ++l) widened[l] = from[l];
    return hn::Load(d, widened);
#else
    const hn::Rebind<hwy::float16_t, D> halves;
    return hn::PromoteTo(d, hn::LoadU(halves, reinterpret_cast<const hwy::float16_t*>(from)));
#endif
  }
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
