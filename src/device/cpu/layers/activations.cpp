#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/activations.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/layers/activation_units-inl.hpp"
#include "device/cpu/layers/activations.hpp"
#include "device/cpu/simd/dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

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
    return fused(wide, hn::Set(wide, step), hn::LoadU(wide, D + place), hn::LoadU(wide, Z + place));
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
void activate(config::Activation activation, std::span<Real> values) {
  constexpr Vectors<Real> d;
  with_unit(activation, [&](auto unit) {
    for_each_vector<Real>(
        values.size(),
        [=](Real* value) { hn::StoreU(unit.value(d, hn::LoadU(d, value)), d, value); },
        values.data());
  });
}

template <class Real>
void activate_at(config::Activation activation, std::span<const double> Z,
                 std::span<const double> D, double step, std::span<Real> values) {
  constexpr Vectors<Real> d;
  with_unit(activation, [&](auto unit) {
    if (D.empty())
      return for_each_vector<Real>(
          Z.size(),
          [=](const double* from, Real* value) {
            hn::StoreU(unit.value(d, loaded<Real>(from)), d, value);
          },
          Z.data(), values.data());
    for_each_vector<Real>(
        Z.size(),
        [=](const double* from, const double* direction, Real* value) {
          hn::StoreU(unit.value(d, moved<Real>(from, direction, step)), d, value);
        },
        Z.data(), D.data(), values.data());
  });
}

template <class Real>
void activate_along(config::Activation activation, std::span<const double> Z,
                    std::span<const double> D, double step, std::span<Real> values,
                    std::span<Real> tangents) {
  constexpr Vectors<Real> d;
  with_unit(activation, [&](auto unit) {
    for_each_vector<Real>(
        Z.size(),
        [=](const double* from, const double* direction, Real* to, Real* tangent) {
          const auto value = unit.value(d, moved<Real>(from, direction, step));
          hn::StoreU(value, d, to);
          hn::StoreU(unit.times_derivative(d, value, loaded<Real>(direction)), d, tangent);
        },
        Z.data(), D.data(), values.data(), tangents.data());
  });
}

template <class Real>
void multiply_by_derivative(config::Activation activation, std::span<const Real> values,
                            std::span<Real> factors) {
  constexpr Vectors<Real> d;
  with_unit(activation, [&](auto unit) {
    for_each_vector<Real>(
        factors.size(),
        [=](const Real* value, Real* factor) {
          hn::StoreU(unit.times_derivative(d, hn::LoadU(d, value), hn::LoadU(d, factor)), d,
                     factor);
        },
        values.data(), factors.data());
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
void activate(config::Activation activation, std::span<Real> values) {
  ANNMPI_DISPATCH(Real, activate)(activation, values);
}
template <class Real>
void activate_at(config::Activation activation, std::span<const double> Z,
                 std::span<const double> D, double step, std::span<Real> values) {
  ANNMPI_DISPATCH(Real, activate_at)(activation, Z, D, step, values);
}
template <class Real>
void activate_along(config::Activation activation, std::span<const double> Z,
                    std::span<const double> D, double step, std::span<Real> values,
                    std::span<Real> tangents) {
  ANNMPI_DISPATCH(Real, activate_along)(activation, Z, D, step, values, tangents);
}
template <class Real>
void multiply_by_derivative(config::Activation activation, std::span<const Real> values,
                            std::span<Real> factors) {
  ANNMPI_DISPATCH(Real, multiply_by_derivative)(activation, values, factors);
}
ANNMPI_INSTANTIATE_KERNEL(move_along)
ANNMPI_INSTANTIATE_KERNEL(activate)
ANNMPI_INSTANTIATE_KERNEL(activate_at)
ANNMPI_INSTANTIATE_KERNEL(activate_along)
ANNMPI_INSTANTIATE_KERNEL(multiply_by_derivative)

}  // namespace annmpi::device::cpu::kernels
#endif
