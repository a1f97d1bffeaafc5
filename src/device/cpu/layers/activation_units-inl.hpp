// Hidden units on vectors of doubles or of floats; included once per SIMD target.

#if defined(ANNMPI_KERNELS_ACTIVATION_UNITS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_ACTIVATION_UNITS_INL
#undef ANNMPI_KERNELS_ACTIVATION_UNITS_INL
#else
#define ANNMPI_KERNELS_ACTIVATION_UNITS_INL
#endif

#include <algorithm>
#include <cstddef>

#include "annmpi/network/network.hpp"

#include "device/cpu/simd/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// Of each unit act(z), and factor * act'(z) from a = act(z).
struct SigmoidUnit {
  template <class D>
  static HWY_INLINE hn::Vec<D> value(D d, hn::Vec<D> z) {
    return Sigmoid::of(d, z);
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> times_derivative(D d, hn::Vec<D> a, hn::Vec<D> factor) {
    return hn::Mul(hn::Mul(a, hn::Sub(hn::Set(d, hn::TFromD<D>(1)), a)), factor);
  }
};
struct TanhUnit {
  template <class D>
  static HWY_INLINE hn::Vec<D> value(D d, hn::Vec<D> z) {
    return Tanh::of(d, z);
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> times_derivative(D d, hn::Vec<D> a, hn::Vec<D> factor) {
    return hn::Mul(fused(d, hn::Neg(a), a, hn::Set(d, hn::TFromD<D>(1))), factor);
  }
};
struct ReluUnit {
  // Not a maximum: what is not a number must stay visible.
  template <class D>
  static HWY_INLINE hn::Vec<D> value(D d, hn::Vec<D> z) {
    const auto zero = hn::Zero(d);
    return hn::IfThenElse(hn::Lt(z, zero), zero, z);
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> times_derivative(D d, hn::Vec<D> a, hn::Vec<D> factor) {
    return hn::IfThenElseZero(hn::Gt(a, hn::Zero(d)), factor);
  }
};

/// Calls work(load, store) for each vector of numbers; the end that fills no vector is filled up
/// with zeros, not treated differently.
template <class Real, class Work>
HWY_INLINE void for_each_vector(std::size_t count, Work&& work) {
  constexpr Vectors<Real> vectors;
  constexpr std::size_t width = hn::MaxLanes(vectors);
  using Vector = hn::Vec<Vectors<Real>>;
  const std::size_t whole = count / width * width;
  for (std::size_t i = 0; i < whole; i += width)
    work([i](const Real* from) { return hn::LoadU(Vectors<Real>(), from + i); },
         [i](Vector value, Real* to) { hn::StoreU(value, Vectors<Real>(), to + i); });
  if (whole == count) return;
  const std::size_t rest = count - whole;
  work(
      [=](const Real* from) {
        alignas(64) Real last[width] = {};
        std::copy_n(from + whole, rest, last);
        return hn::Load(Vectors<Real>(), last);
      },
      [=](Vector value, Real* to) {
        alignas(64) Real last[width];
        hn::Store(value, Vectors<Real>(), last);
        std::copy_n(last, rest, to + whole);
      });
}

/// Calls work(Unit()) with the unit of an activation.
template <class Work>
HWY_INLINE void with_unit(config::Activation activation, Work&& work) {
  switch (activation) {
    case config::Activation::sigmoid:
      return work(SigmoidUnit());
    case config::Activation::tanh:
      return work(TanhUnit());
    case config::Activation::relu:
      return work(ReluUnit());
  }
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
