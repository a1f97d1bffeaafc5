#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/gemm/wide_layer.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/gemm/wide_layer.hpp"
#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

template <class T, class Number>
void convert_all(const T* from, std::size_t count, Number* to) {
  constexpr Vectors<Number, T> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  std::size_t i = 0;
  for (; i + step <= count; i += step) hn::StoreU(load_as(d, from + i), d, to + i);
  for (; i < count; ++i) to[i] = static_cast<Number>(from[i]);
}

void uint8_to_float64(const std::uint8_t* from, std::size_t count, double* to) {
  convert_all(from, count, to);
}
void float32_to_float64(const float* from, std::size_t count, double* to) {
  convert_all(from, count, to);
}
void uint8_to_float32(const std::uint8_t* from, std::size_t count, float* to) {
  convert_all(from, count, to);
}
void float64_to_float32(const double* from, std::size_t count, float* to) {
  convert_all(from, count, to);
}

/// The steps of exact_sum::parts_of, a vector at a time.
template <class Number>
void add_all_parts(const Number* values, std::size_t count, exact_sum::Split split, double* highs,
                   double* lows) {
  constexpr Vectors<double, Number> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  const auto c1 = hn::Set(d, split.c1);
  const auto c2 = hn::Set(d, split.c2);
  std::size_t i = 0;
  for (; i + step <= count; i += step) {
    const auto value = load_as(d, values + i);
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

void add_parts64(const double* values, std::size_t count, exact_sum::Split split, double* high,
                 double* low) {
  add_all_parts(values, count, split, high, low);
}
void add_parts32(const float* values, std::size_t count, exact_sum::Split split, double* high,
                 double* low) {
  add_all_parts(values, count, split, high, low);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(uint8_to_float64);
HWY_EXPORT(float32_to_float64);
HWY_EXPORT(uint8_to_float32);
HWY_EXPORT(float64_to_float32);
HWY_EXPORT(add_parts64);
HWY_EXPORT(add_parts32);

void convert(std::span<const std::uint8_t> from, std::span<double> to) {
  HWY_DYNAMIC_DISPATCH(uint8_to_float64)(from.data(), from.size(), to.data());
}
void convert(std::span<const float> from, std::span<double> to) {
  HWY_DYNAMIC_DISPATCH(float32_to_float64)(from.data(), from.size(), to.data());
}
void convert(std::span<const std::uint8_t> from, std::span<float> to) {
  HWY_DYNAMIC_DISPATCH(uint8_to_float32)(from.data(), from.size(), to.data());
}
void convert(std::span<const double> from, std::span<float> to) {
  HWY_DYNAMIC_DISPATCH(float64_to_float32)(from.data(), from.size(), to.data());
}

void add_parts(std::span<const double> values, exact_sum::Split split, std::span<double> high,
               std::span<double> low) {
  HWY_DYNAMIC_DISPATCH(add_parts64)
  (values.data(), values.size(), split, high.data(), low.empty() ? nullptr : low.data());
}
void add_parts(std::span<const float> values, exact_sum::Split split, std::span<double> high,
               std::span<double> low) {
  HWY_DYNAMIC_DISPATCH(add_parts32)
  (values.data(), values.size(), split, high.data(), low.empty() ? nullptr : low.data());
}

}  // namespace annmpi::device::cpu::kernels
#endif
