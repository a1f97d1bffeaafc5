#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/mini_batch/panel_update.cpp"
#include <hwy/foreach_target.h>

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
void move_by_momentum(const ParameterUpdate& update, std::span<const Real> g, Real* velocity,
                      std::span<Real> w) {
  constexpr Vectors<Real> d;
  const auto back = hn::Set(d, static_cast<Real>(-update.rate));
  const auto momentum = hn::Set(d, static_cast<Real>(update.constants.momentum));
  for (std::size_t i = 0; i < g.size(); i += hn::MaxLanes(d)) {
    const auto step = hn::Mul(back, hn::LoadU(d, g.data() + i));
    auto move = step;
    if (velocity != nullptr) {
      const auto kept = fused(momentum, hn::LoadU(d, velocity + i), step);
      hn::StoreU(kept, d, velocity + i);
      move = update.constants.nesterov ? fused(momentum, kept, step) : kept;
    }
    hn::StoreU(hn::Add(hn::LoadU(d, w.data() + i), move), d, w.data() + i);
  }
}

template <class Real>
void move_by_adam(const ParameterUpdate& update, std::span<const Real> g, Real* first, Real* second,
                  std::span<Real> w) {
  constexpr Vectors<Real> d;
  const auto set = [&](double value) { return hn::Set(d, static_cast<Real>(value)); };
  const auto beta1 = set(update.constants.beta1);
  const auto beta2 = set(update.constants.beta2);
  const auto share1 = set(1 - update.constants.beta1);
  const auto share2 = set(1 - update.constants.beta2);
  const auto back = set(-update.rate / update.correction1);
  const auto widen = set(1 / std::sqrt(update.correction2));
  const auto epsilon = set(update.constants.epsilon);
  const auto keep = set(1 - update.decay);
  for (std::size_t i = 0; i < g.size(); i += hn::MaxLanes(d)) {
    const auto gradient = hn::LoadU(d, g.data() + i);
    const auto m = fused(beta1, hn::LoadU(d, first + i), hn::Mul(share1, gradient));
    const auto v =
        fused(beta2, hn::LoadU(d, second + i), hn::Mul(share2, hn::Mul(gradient, gradient)));
    hn::StoreU(m, d, first + i);
    hn::StoreU(v, d, second + i);
    const auto size = fused(hn::Sqrt(v), widen, epsilon);
    const auto weight = hn::LoadU(d, w.data() + i);
    const auto kept = update.decay == 0 ? weight : hn::Mul(keep, weight);
    hn::StoreU(fused(back, hn::Div(m, size), kept), d, w.data() + i);
  }
}

template <class Real>
void apply_update(const ParameterUpdate& update, std::span<const Real> g, Real* state1,
                  Real* state2, std::span<Real> w) {
  if (update.method == ParameterUpdate::Method::adam)
    move_by_adam(update, g, state1, state2, w);
  else
    move_by_momentum(update, g, state1, w);
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
