#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/activations.cpp"
#include <algorithm>
#include <cstddef>
#include <type_traits>

#include <hwy/foreach_target.h>

#include "annmpi/rules/activations-inl.hpp"

#include "device/cpu/layers/activations.hpp"
#include "device/cpu/simd/dispatch.hpp"
#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

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

/// A vector of Reals from at(place), vectors of doubles from a place on.
template <class Real, class At>
HWY_INLINE hn::Vec<Vectors<Real>> rounded(At&& at) {
  if constexpr (sizeof(Real) == sizeof(double)) {
    return at(std::size_t{0});
  } else {
    constexpr hn::Rebind<float, Vectors<double>> half;
    const auto low = hn::DemoteTo(half, at(std::size_t{0}));
#if HWY_TARGET == HWY_SCALAR
    return low;
#else
    constexpr Vectors<float> vectors;
    static_assert(2 * hn::MaxLanes(half) == hn::MaxLanes(vectors));
    return hn::Combine(vectors, hn::DemoteTo(half, at(hn::MaxLanes(half))), low);
#endif
  }
}

/// fma(step, D, Z), one vector of Reals.
template <class Real>
HWY_INLINE hn::Vec<Vectors<Real>> moved(const double* Z, const double* D, double step) {
  constexpr Vectors<double> wide;
  return rounded<Real>([&](std::size_t place) {
    return fused(hn::Set(wide, step), hn::LoadU(wide, D + place), hn::LoadU(wide, Z + place));
  });
}

template <class Real>
HWY_INLINE hn::Vec<Vectors<Real>> loaded(const double* Z) {
  return rounded<Real>([&](std::size_t place) { return hn::LoadU(Vectors<double>(), Z + place); });
}

template <class Real>
void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<Real> z) {
  constexpr Vectors<Real> d;
  if (D.empty())
    return for_each_vector<Real>(
        Z.size(), [=](const double* from, Real* to) { hn::StoreU(loaded<Real>(from), d, to); },
        Z.data(), z.data());
  for_each_vector<Real>(
      Z.size(),
      [=](const double* from, const double* direction, Real* to) {
        hn::StoreU(moved<Real>(from, direction, step), d, to);
      },
      Z.data(), D.data(), z.data());
}

template <class Real>
void activate(rules::Activation activation, std::span<const Real> z, std::span<Real> values) {
  constexpr Vectors<Real> d;
  formulas::with_activation(activation, [&](auto rule) {
    for_each_vector<Real>(
        values.size(),
        [=](const Real* from, Real* to) { hn::StoreU(rule.value(hn::LoadU(d, from)), d, to); },
        z.data(), values.data());
  });
}

/// Stores z where the derivative needs it.
template <class Rule, class V, class Real>
HWY_INLINE void keep_argument(Rule rule, V z, Real* to) {
  if constexpr (rule.needs_argument) hn::StoreU(z, Vectors<Real>(), to);
}

template <class Real>
void activate_at(rules::Activation activation, std::span<const double> Z, std::span<const double> D,
                 double step, std::span<Real> arguments, std::span<Real> values) {
  constexpr Vectors<Real> d;
  formulas::with_activation(activation, [&](auto rule) {
    if (D.empty())
      return for_each_vector<Real>(
          Z.size(),
          [=](const double* from, Real* argument, Real* value) {
            const auto z = loaded<Real>(from);
            keep_argument(rule, z, argument);
            hn::StoreU(rule.value(z), d, value);
          },
          Z.data(), arguments.data(), values.data());
    for_each_vector<Real>(
        Z.size(),
        [=](const double* from, const double* direction, Real* argument, Real* value) {
          const auto z = moved<Real>(from, direction, step);
          keep_argument(rule, z, argument);
          hn::StoreU(rule.value(z), d, value);
        },
        Z.data(), D.data(), arguments.data(), values.data());
  });
}

template <class Real>
void activate_along(rules::Activation activation, std::span<const double> Z,
                    std::span<const double> D, double step, std::span<Real> arguments,
                    std::span<Real> values, std::span<Real> tangents) {
  constexpr Vectors<Real> d;
  formulas::with_activation(activation, [&](auto rule) {
    for_each_vector<Real>(
        Z.size(),
        [=](const double* from, const double* direction, Real* argument, Real* to, Real* tangent) {
          const auto z = moved<Real>(from, direction, step);
          keep_argument(rule, z, argument);
          const auto value = rule.value(z);
          hn::StoreU(value, d, to);
          hn::StoreU(rule.times_derivative(z, value, loaded<Real>(direction)), d, tangent);
        },
        Z.data(), D.data(), arguments.data(), values.data(), tangents.data());
  });
}

template <class Real>
void multiply_by_derivative(rules::Activation activation, std::span<const Real> arguments,
                            std::span<const Real> values, std::span<Real> factors) {
  constexpr Vectors<Real> d;
  formulas::with_activation(activation, [&](auto rule) {
    for_each_vector<Real>(
        factors.size(),
        [=](const Real* argument, const Real* value, Real* factor) {
          const auto a = hn::LoadU(d, value);
          const auto z = rule.needs_argument ? hn::LoadU(d, argument) : a;
          hn::StoreU(rule.times_derivative(z, a, hn::LoadU(d, factor)), d, factor);
        },
        arguments.data(), values.data(), factors.data());
  });
}

ANNMPI_KERNEL(move_along)
ANNMPI_KERNEL(activate)
ANNMPI_KERNEL(activate_at)
ANNMPI_KERNEL(activate_along)
ANNMPI_KERNEL(multiply_by_derivative)

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

ANNMPI_EXPORT(move_along)
ANNMPI_EXPORT(activate)
ANNMPI_EXPORT(activate_at)
ANNMPI_EXPORT(activate_along)
ANNMPI_EXPORT(multiply_by_derivative)

template <class Real>
void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<Real> z) {
  ANNMPI_DISPATCH(Real, move_along)(Z, D, step, z);
}
template <class Real>
void activate(rules::Activation activation, std::span<const Real> z, std::span<Real> values) {
  ANNMPI_DISPATCH(Real, activate)(activation, z, values);
}
template <class Real>
void activate_at(rules::Activation activation, std::span<const double> Z, std::span<const double> D,
                 double step, std::span<Real> arguments, std::span<Real> values) {
  ANNMPI_DISPATCH(Real, activate_at)(activation, Z, D, step, arguments, values);
}
template <class Real>
void activate_along(rules::Activation activation, std::span<const double> Z,
                    std::span<const double> D, double step, std::span<Real> arguments,
                    std::span<Real> values, std::span<Real> tangents) {
  ANNMPI_DISPATCH(Real, activate_along)(activation, Z, D, step, arguments, values, tangents);
}
template <class Real>
void multiply_by_derivative(rules::Activation activation, std::span<const Real> arguments,
                            std::span<const Real> values, std::span<Real> factors) {
  ANNMPI_DISPATCH(Real, multiply_by_derivative)(activation, arguments, values, factors);
}
ANNMPI_INSTANTIATE_KERNEL(move_along)
ANNMPI_INSTANTIATE_KERNEL(activate)
ANNMPI_INSTANTIATE_KERNEL(activate_at)
ANNMPI_INSTANTIATE_KERNEL(activate_along)
ANNMPI_INSTANTIATE_KERNEL(multiply_by_derivative)

}  // namespace annmpi::device::cpu::kernels
#endif
