#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/simd/vectors.cpp"
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "device/cpu/simd/vectors.hpp"

// Loops that compilers vectorise without intrinsics, once they are compiled for each target.
HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

void add_scaled_flat(double a, const double* HWY_RESTRICT x, double* HWY_RESTRICT y,
                     std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] += a * x[i];
}

void scale_and_penalise_flat(double scale, double penalty, const double* HWY_RESTRICT x,
                             const double* HWY_RESTRICT p, double step, double* HWY_RESTRICT y,
                             std::size_t count) {
  if (p == nullptr)
    for (std::size_t i = 0; i < count; ++i) y[i] = scale * y[i] + penalty * x[i];
  else
    for (std::size_t i = 0; i < count; ++i) y[i] = scale * y[i] + penalty * (x[i] + step * p[i]);
}

/// Magnitudes compare as integers do; NaN is the largest.
double largest_magnitude_flat(const double* x, std::size_t count) {
  constexpr std::int64_t magnitude = std::numeric_limits<std::int64_t>::max();
  std::int64_t largest = 0;
  for (std::size_t i = 0; i < count; ++i)
    largest = std::max(largest, std::bit_cast<std::int64_t>(x[i]) & magnitude);
  return std::bit_cast<double>(largest);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(add_scaled_flat);
HWY_EXPORT(scale_and_penalise_flat);
HWY_EXPORT(largest_magnitude_flat);

void add_scaled(double a, std::span<const double> x, std::span<double> y) {
  HWY_DYNAMIC_DISPATCH(add_scaled_flat)(a, x.data(), y.data(), y.size());
}

void scale_and_penalise(double scale, double penalty, std::span<const double> x,
                        std::span<const double> p, double step, std::span<double> y) {
  HWY_DYNAMIC_DISPATCH(scale_and_penalise_flat)
  (scale, penalty, x.data(), p.empty() ? nullptr : p.data(), step, y.data(), y.size());
}

double largest_magnitude(std::span<const double> x) {
  return HWY_DYNAMIC_DISPATCH(largest_magnitude_flat)(x.data(), x.size());
}

}  // namespace annmpi::device::cpu::kernels
#endif
