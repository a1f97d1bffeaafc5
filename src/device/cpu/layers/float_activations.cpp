#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/float_activations.cpp"
#include <algorithm>
#include <cmath>

#include <hwy/foreach_target.h>

#include "device/cpu/layers/activation_units-inl.hpp"
#include "device/cpu/layers/float_activations.hpp"
#include "device/cpu/gemm/wide_layer.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

constexpr Vectors<float> vectors;

void move_to_floats(std::size_t count, const double* Z, const double* D, double step, float* z) {
  constexpr Vectors<double, float> wide;
  constexpr hn::Rebind<float, Vectors<double, float>> narrow;
  constexpr std::size_t lanes = hn::MaxLanes(wide);
  const auto length = hn::Set(wide, step);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(
        hn::DemoteTo(narrow, fused(wide, length, hn::LoadU(wide, D + i), hn::LoadU(wide, Z + i))),
        narrow, z + i);
  for (; i < count; ++i) z[i] = static_cast<float>(std::fma(step, D[i], Z[i]));
}

/// A vector of floats from `at(place)`, vectors of doubles from a place on.
template <class At>
HWY_INLINE hn::Vec<Vectors<float>> rounded_to_floats(At&& at) {
  constexpr hn::Rebind<float, Vectors<double>> part;
  const auto low = hn::DemoteTo(part, at(std::size_t{0}));
#if HWY_TARGET == HWY_SCALAR
  return low;
#else
  static_assert(2 * hn::MaxLanes(part) == hn::MaxLanes(vectors));
  return hn::Combine(vectors, hn::DemoteTo(part, at(hn::MaxLanes(part))), low);
#endif
}

template <class Unit>
HWY_INLINE void values_and_tangents(const double* Z, const double* D, hn::Vec<Vectors<double>> step,
                                    float* values, float* tangents) {
  constexpr Vectors<double> wide;
  const auto z = rounded_to_floats([&](std::size_t place) {
    return fused(wide, step, hn::LoadU(wide, D + place), hn::LoadU(wide, Z + place));
  });
  const auto change =
      rounded_to_floats([&](std::size_t place) { return hn::LoadU(wide, D + place); });
  const auto value = Unit::value(vectors, z);
  hn::StoreU(value, vectors, values);
  hn::StoreU(Unit::times_derivative(vectors, value, change), vectors, tangents);
}

void activate_float_tangents(config::Activation activation, std::size_t count, const double* Z,
                             const double* D, double step, float* values, float* tangents) {
  constexpr std::size_t width = hn::MaxLanes(vectors);
  const std::size_t whole = count / width * width;
  const auto length = hn::Set(Vectors<double>(), step);
  with_unit(activation, [&](auto unit) {
    using Unit = decltype(unit);
    for (std::size_t i = 0; i < whole; i += width)
      values_and_tangents<Unit>(Z + i, D + i, length, values + i, tangents + i);
    if (whole == count) return;
    // The end that fills no vector is filled up, not treated differently.
    alignas(64) double last_Z[width] = {}, last_D[width] = {};
    alignas(64) float last_values[width], last_tangents[width];
    std::copy(Z + whole, Z + count, last_Z);
    std::copy(D + whole, D + count, last_D);
    values_and_tangents<Unit>(last_Z, last_D, length, last_values, last_tangents);
    std::copy_n(last_values, count - whole, values + whole);
    std::copy_n(last_tangents, count - whole, tangents + whole);
  });
}

void activate_floats(config::Activation activation, std::span<float> values) {
  with_unit(activation, [&](auto unit) {
    for_each_vector<float>(values.size(), [&](auto load, auto store) {
      store(unit.value(vectors, load(values.data())), values.data());
    });
  });
}
void multiply_float_derivatives(config::Activation activation, std::span<const float> values,
                                std::span<float> factors) {
  with_unit(activation, [&](auto unit) {
    for_each_vector<float>(factors.size(), [&](auto load, auto store) {
      store(unit.times_derivative(vectors, load(values.data()), load(factors.data())),
            factors.data());
    });
  });
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(move_to_floats);
HWY_EXPORT(activate_floats);
HWY_EXPORT(activate_float_tangents);
HWY_EXPORT(multiply_float_derivatives);

void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<float> z) {
  if (D.empty()) return convert(Z, z);
  HWY_DYNAMIC_DISPATCH(move_to_floats)(Z.size(), Z.data(), D.data(), step, z.data());
}

void activate(config::Activation activation, std::span<float> values) {
  HWY_DYNAMIC_DISPATCH(activate_floats)(activation, values);
}

void activate_at(config::Activation activation, std::span<const double> Z, std::span<const double> D,
                 double step, std::span<float> values) {
  move_along(Z, D, step, values);
  activate(activation, values);
}

void activate_along(config::Activation activation, std::span<const double> Z, std::span<const double> D,
                    double step, std::span<float> values, std::span<float> tangents) {
  HWY_DYNAMIC_DISPATCH(activate_float_tangents)
  (activation, Z.size(), Z.data(), D.data(), step, values.data(), tangents.data());
}

void multiply_by_derivative(config::Activation activation, std::span<const float> values,
                            std::span<float> factors) {
  HWY_DYNAMIC_DISPATCH(multiply_float_derivatives)(activation, values, factors);
}

}  // namespace annmpi::device::cpu::kernels
#endif
