#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/activations.cpp"
#include <algorithm>

#include <hwy/foreach_target.h>

#include "device/cpu/layers/activation_units-inl.hpp"
#include "device/cpu/layers/activations.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

constexpr Vectors<double> vectors;
using Vector = hn::Vec<Vectors<double>>;

template <class Unit>
HWY_INLINE void values_of(std::size_t count, const double* Z, const double* D, double step,
                          double* values) {
  const Vector length = hn::Set(vectors, step);
  if (D == nullptr)
    for_each_vector<double>(
        count, [&](auto load, auto store) { store(Unit::value(vectors, load(Z)), values); });
  else
    for_each_vector<double>(count, [&](auto load, auto store) {
      store(Unit::value(vectors, fused(vectors, length, load(D), load(Z))), values);
    });
}

template <class Unit>
HWY_INLINE void values_and_tangents(std::size_t count, const double* Z, const double* D,
                                    double step, double* values, double* tangents) {
  const Vector length = hn::Set(vectors, step);
  for_each_vector<double>(count, [&](auto load, auto store) {
    const Vector change = load(D);
    const Vector value = Unit::value(vectors, fused(vectors, length, change, load(Z)));
    store(value, values);
    store(Unit::times_derivative(vectors, value, change), tangents);
  });
}

template <class Unit>
HWY_INLINE void derivatives(std::size_t count, const double* values, double* factors) {
  for_each_vector<double>(count, [&](auto load, auto store) {
    store(Unit::times_derivative(vectors, load(values), load(factors)), factors);
  });
}

void move(std::size_t count, const double* Z, const double* D, double step, double* z) {
  const Vector length = hn::Set(vectors, step);
  for_each_vector<double>(
      count, [&](auto load, auto store) { store(fused(vectors, length, load(D), load(Z)), z); });
}

void activate_values(config::Activation activation, std::size_t count, const double* Z, const double* D,
                     double step, double* values) {
  with_unit(activation, [&](auto unit) { values_of<decltype(unit)>(count, Z, D, step, values); });
}
void activate_tangents(config::Activation activation, std::size_t count, const double* Z, const double* D,
                       double step, double* values, double* tangents) {
  with_unit(activation, [&](auto unit) {
    values_and_tangents<decltype(unit)>(count, Z, D, step, values, tangents);
  });
}
void multiply_derivatives(config::Activation activation, std::size_t count, const double* values,
                          double* factors) {
  with_unit(activation, [&](auto unit) { derivatives<decltype(unit)>(count, values, factors); });
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(move);
HWY_EXPORT(activate_values);
HWY_EXPORT(activate_tangents);
HWY_EXPORT(multiply_derivatives);

void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<double> z) {
  HWY_DYNAMIC_DISPATCH(move)(Z.size(), Z.data(), D.data(), step, z.data());
}

void activate(config::Activation activation, std::span<double> values) {
  HWY_DYNAMIC_DISPATCH(activate_values)
  (activation, values.size(), values.data(), nullptr, 0, values.data());
}

void activate_at(config::Activation activation, std::span<const double> Z, std::span<const double> D,
                 double step, std::span<double> values) {
  HWY_DYNAMIC_DISPATCH(activate_values)
  (activation, Z.size(), Z.data(), D.empty() ? nullptr : D.data(), step, values.data());
}

void activate_along(config::Activation activation, std::span<const double> Z, std::span<const double> D,
                    double step, std::span<double> values, std::span<double> tangents) {
  HWY_DYNAMIC_DISPATCH(activate_tangents)
  (activation, Z.size(), Z.data(), D.data(), step, values.data(), tangents.data());
}

void multiply_by_derivative(config::Activation activation, std::span<const double> values,
                            std::span<double> factors) {
  HWY_DYNAMIC_DISPATCH(multiply_derivatives)
  (activation, factors.size(), values.data(), factors.data());
}

}  // namespace annmpi::device::cpu::kernels
#endif
