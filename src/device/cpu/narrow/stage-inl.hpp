// Staging of features in the first-level cache; included once per SIMD target.

#if defined(ANNMPI_KERNELS_STAGE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_STAGE_INL
#undef ANNMPI_KERNELS_STAGE_INL
#else
#define ANNMPI_KERNELS_STAGE_INL
#endif

#include <algorithm>
#include <type_traits>

#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// Type of staged features that are multiplied as Reals: bytes, which need no staging, as stored;
/// others as floats, or as doubles if they are doubles and multiplied as such.
template <class Real, class T>
using Staged = std::conditional_t<sizeof(T) == 1 || sizeof(T) == sizeof(Real), T, float>;

/// Copies `count` features of a row and pads them with zeros to `width`.
template <class S, class T>
HWY_INLINE void stage(const T* from, std::size_t count, std::size_t width, S* to) {
  constexpr Vectors<S, T> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  std::size_t c = 0;
  for (; c + step <= count; c += step) hn::StoreU(load_as(d, from + c), d, to + c);
  if (c == width) return;
  for (; c < count; ++c) to[c] = static_cast<S>(from[c]);
  for (; c < width; ++c) to[c] = S{0};
}

/// Prefetches a cache line into the second-level cache.
HWY_INLINE void prefetch_to_second_level(const void* line) {
#if HWY_COMPILER_GCC || HWY_COMPILER_CLANG
  __builtin_prefetch(line, 0, 2);
#else
  (void)line;
#endif
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
