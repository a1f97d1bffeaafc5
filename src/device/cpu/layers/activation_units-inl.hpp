// Activations of hidden units on vectors of doubles or floats; included once per SIMD target.

#if defined(ANNMPI_KERNELS_ACTIVATION_UNITS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_ACTIVATION_UNITS_INL
#undef ANNMPI_KERNELS_ACTIVATION_UNITS_INL
#else
#define ANNMPI_KERNELS_ACTIVATION_UNITS_INL
#endif

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "annmpi/network/network.hpp"

#include "device/cpu/simd/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

// value: act(z); times_derivative: factor * act'(z) from a = act(z).
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
  // Not a maximum, which could drop NaN.
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

/// The end of an array that fills no vector, filled up with zeros.
template <class T, std::size_t width>
class PaddedEnd {
 public:
  PaddedEnd(T* end, std::size_t count) : end_(end), count_(count) {
    std::copy_n(end, count, values_);
  }
  [[nodiscard]] T* data() { return values_; }
  void put_back() {
    if constexpr (!std::is_const_v<T>) std::copy_n(values_, count_, end_);
  }

 private:
  alignas(64) std::remove_const_t<T> values_[width] = {};
  T* end_;
  std::size_t count_;
};

/// Calls work(array + i...) for each vector of Reals; an end that fills no vector is padded, not
/// treated differently.
template <class Real, class Work, class... T>
HWY_INLINE void for_each_vector(std::size_t count, Work&& work, T*... arrays) {
  constexpr std::size_t width = hn::MaxLanes(Vectors<Real>());
  const std::size_t whole = count / width * width;
  for (std::size_t i = 0; i < whole; i += width) work(arrays + i...);
  if (whole == count) return;
  const auto work_on = [&](auto... ends) {
    work(ends.data()...);
    (ends.put_back(), ...);
  };
  work_on(PaddedEnd<T, width>(arrays + whole, count - whole)...);
}

/// Calls work(Unit()) with the type of the activation.
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
