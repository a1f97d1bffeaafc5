#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/gemm/wide_layer.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/gemm/wide_layer.hpp"
#include "device/cpu/simd/dispatch.hpp"
#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

template <class T, class Real>
void convert_all(const T* from, std::size_t count, Real* to) {
  constexpr Vectors<Real, T> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  std::size_t i = 0;
  for (; i + step <= count; i += step) hn::StoreU(load_as(d, from + i), d, to + i);
  for (; i < count; ++i) to[i] = static_cast<Real>(from[i]);
}

template <class Real>
void convert_elements(io::ElementType type, const void* from, std::size_t count, Real* to) {
  io::with_feature_type(type, [&]<class T>(std::type_identity<T>) {
    convert_all(static_cast<const T*>(from), count, to);
  });
}

ANNMPI_KERNEL(convert_elements)

/// exact_sum::parts_of on vectors.
template <class Real>
void add_parts(std::span<const Real> values, exact_sum::Split split, std::span<double> high_sums,
               std::span<double> low_sums) {
  constexpr Vectors<double, Real> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  const std::size_t count = values.size();
  double* const highs = high_sums.data();
  double* const lows = low_sums.empty() ? nullptr : low_sums.data();
  const auto c1 = hn::Set(d, split.c1);
  const auto c2 = hn::Set(d, split.c2);
  std::size_t i = 0;
  for (; i + step <= count; i += step) {
    const auto value = load_as(d, values.data() + i);
    const auto high = hn::Sub(hn::Add(value, c1), c1);
    hn::StoreU(hn::Add(hn::LoadU(d, highs + i), high), d, highs + i);
    if (lows == nullptr) continue;
    const auto rest = hn::Sub(value, high);
    const auto middle = hn::Sub(hn::Add(rest, c2), c2);
    hn::StoreU(hn::Add(hn::LoadU(d, lows + i), middle), d, lows + i);
  }
  for (; i < count; ++i) {
    const exact_sum::Parts parts = exact_sum::parts_of(static_cast<double>(values[i]), split);
    highs[i] += parts.high;
    if (lows != nullptr) lows[i] += parts.low;
  }
}

ANNMPI_KERNEL(add_parts)

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

ANNMPI_EXPORT(convert_elements)
ANNMPI_EXPORT(add_parts)

template <class Real>
void convert_elements(io::ElementType type, const void* from, std::size_t count, Real* to) {
  ANNMPI_DISPATCH(Real, convert_elements)(type, from, count, to);
}
ANNMPI_INSTANTIATE_KERNEL(convert_elements)

template <class Real>
void add_parts(std::span<const Real> values, exact_sum::Split split, std::span<double> highs,
               std::span<double> lows) {
  ANNMPI_DISPATCH(Real, add_parts)(values, split, highs, lows);
}
ANNMPI_INSTANTIATE_KERNEL(add_parts)

}  // namespace annmpi::device::cpu::kernels
#endif
