#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/mini_batch/panel_update.cpp"
#include <hwy/foreach_target.h>

#include "annmpi/rules/updates-inl.hpp"

#include "device/cpu/mini_batch/panel_update.hpp"
#include "device/cpu/simd/dispatch.hpp"
#include "device/cpu/simd/lane_sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

template <class Real>
double finish_gradient(double scale, double penalty, std::span<const Real> w, std::span<Real> g) {
  constexpr Vectors<Real> d;
  const auto factor = hn::Set(d, static_cast<Real>(scale));
  const auto share = hn::Set(d, static_cast<Real>(penalty));
  auto largest = hn::Zero(d);
  auto finite = hn::Zero(d);  // 0 while every g is finite, else NaN
  for (std::size_t i = 0; i < g.size(); i += hn::MaxLanes(d)) {
    const auto mean = hn::Mul(hn::LoadU(d, g.data() + i), factor);
    const auto gradient = penalty == 0 ? mean : fused(share, hn::LoadU(d, w.data() + i), mean);
    hn::StoreU(gradient, d, g.data() + i);
    largest = hn::Max(largest, hn::Abs(gradient));
    finite = hn::Add(finite, hn::Sub(gradient, gradient));
  }
  alignas(64) Real maxima[hn::MaxLanes(d)];
  alignas(64) Real checks[hn::MaxLanes(d)];
  hn::Store(largest, d, maxima);
  hn::Store(finite, d, checks);
  Real result = 0;
  for (std::size_t l = 0; l < hn::MaxLanes(d); ++l) {
    if (maxima[l] > result) result = maxima[l];
    if (checks[l] != 0) return static_cast<double>(checks[l]);
  }
  return static_cast<double>(result);
}

ANNMPI_KERNEL(finish_gradient)

/// In eight logical lanes on every target.
template <class Real>
double sum_of_squares(std::span<const Real> g) {
  constexpr Vectors<double, Real> d;
  constexpr std::size_t lanes = logical_lanes<double>;
  alignas(64) double sums[lanes] = {};
  for (std::size_t i = 0; i < g.size(); i += lanes)
    for (std::size_t part = 0; part < lanes; part += hn::MaxLanes(d)) {
      const auto value = load_as(d, g.data() + i + part);
      hn::Store(fused(value, value, hn::Load(d, sums + part)), d, sums + part);
    }
  return sum_of_lanes(sums);
}

ANNMPI_KERNEL(sum_of_squares)

template <class Real>
void apply_update(const ParameterUpdate& update, std::span<const Real> g, Real* state1,
                  Real* state2, std::span<Real> w) {
  rules::HWY_NAMESPACE::with_update_rule(update.rule, [&](auto rule) {
    constexpr Vectors<Real> d;
    using V = hn::Vec<Vectors<Real>>;
    const auto scalars = rules::HWY_NAMESPACE::converted(
        rules::HWY_NAMESPACE::scalars_of(update),
        [](double value) { return hn::Set(Vectors<Real>(), static_cast<Real>(value)); });
    V state[2] = {hn::Zero(d), hn::Zero(d)};
    for (std::size_t i = 0; i < g.size(); i += hn::MaxLanes(d)) {
      if (state1 != nullptr) state[0] = hn::LoadU(d, state1 + i);
      if (state2 != nullptr) state[1] = hn::LoadU(d, state2 + i);
      const V moved =
          rule.moved(scalars, hn::LoadU(d, w.data() + i), hn::LoadU(d, g.data() + i), state);
      if (state1 != nullptr) hn::StoreU(state[0], d, state1 + i);
      if (state2 != nullptr) hn::StoreU(state[1], d, state2 + i);
      hn::StoreU(moved, d, w.data() + i);
    }
  });
}

ANNMPI_KERNEL(apply_update)

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

ANNMPI_EXPORT(finish_gradient)
ANNMPI_EXPORT(sum_of_squares)
ANNMPI_EXPORT(apply_update)

template <class Real>
void prefetch_to_update(std::span<const Real> w) {
  constexpr std::size_t line = 64 / sizeof(Real);
  for (std::size_t i = 0; i < w.size(); i += line) {
#if HWY_ARCH_X86_64
    // __builtin_prefetch falls back to a read prefetch unless compiled for PREFETCHW; processors
    // that lack the instruction execute it as a no-op.
    asm volatile("prefetchw %0" : : "m"(w[i]));
#elif HWY_COMPILER_GCC || HWY_COMPILER_CLANG
    __builtin_prefetch(w.data() + i, 1, 3);
#endif
  }
}
ANNMPI_INSTANTIATE_KERNEL(prefetch_to_update)

template <class Real>
double finish_gradient(double scale, double penalty, std::span<const Real> w, std::span<Real> g) {
  return ANNMPI_DISPATCH(Real, finish_gradient)(scale, penalty, w, g);
}
template <class Real>
double sum_of_squares(std::span<const Real> g) {
  return ANNMPI_DISPATCH(Real, sum_of_squares)(g);
}
template <class Real>
void apply_update(const ParameterUpdate& update, std::span<const Real> g, Real* state1,
                  Real* state2, std::span<Real> w) {
  ANNMPI_DISPATCH(Real, apply_update)(update, g, state1, state2, w);
}
ANNMPI_INSTANTIATE_KERNEL(finish_gradient)
ANNMPI_INSTANTIATE_KERNEL(sum_of_squares)
ANNMPI_INSTANTIATE_KERNEL(apply_update)

}  // namespace annmpi::device::cpu::kernels
#endif
