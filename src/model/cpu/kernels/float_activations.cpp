#include "model/cpu/kernels/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/cpu/kernels/float_activations.cpp"
#include <cmath>

#include <hwy/foreach_target.h>

#include "model/cpu/kernels/activation_units-inl.hpp"
#include "model/cpu/kernels/float_activations.hpp"
#include "model/cpu/kernels/wide_layer.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::model::cpu::kernels::HWY_NAMESPACE {

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

void activate_floats(Activation activation, std::span<float> values) {
  with_unit(activation, [&](auto unit) {
    for_each_vector<float>(values.size(), [&](auto load, auto store) {
      store(unit.value(vectors, load(values.data())), values.data());
    });
  });
}
void multiply_float_derivatives(Activation activation, std::span<const float> values,
                                std::span<float> factors) {
  with_unit(activation, [&](auto unit) {
    for_each_vector<float>(factors.size(), [&](auto load, auto store) {
      store(unit.times_derivative(vectors, load(values.data()), load(factors.data())),
            factors.data());
    });
  });
}

}  // namespace annmpi::model::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::model::cpu::kernels {

HWY_EXPORT(move_to_floats);
HWY_EXPORT(activate_floats);
HWY_EXPORT(multiply_float_derivatives);

void move_along(std::span<const double> Z, std::span<const double> D, double step,
                std::span<float> z) {
  if (D.empty()) return convert(Z, z);
  HWY_DYNAMIC_DISPATCH(move_to_floats)(Z.size(), Z.data(), D.data(), step, z.data());
}

void activate(Activation activation, std::span<float> values) {
  HWY_DYNAMIC_DISPATCH(activate_floats)(activation, values);
}

void activate_at(Activation activation, std::span<const double> Z, std::span<const double> D,
                 double step, std::span<float> values) {
  move_along(Z, D, step, values);
  activate(activation, values);
}

void activate_along(Activation activation, std::span<const double> Z, std::span<const double> D,
                    double step, std::span<float> values, std::span<float> tangents) {
  activate_at(activation, Z, D, step, values);
  convert(D, tangents);
  multiply_by_derivative(activation, values, tangents.first(D.size()));
}

void multiply_by_derivative(Activation activation, std::span<const float> values,
                            std::span<float> factors) {
  HWY_DYNAMIC_DISPATCH(multiply_float_derivatives)(activation, values, factors);
}

}  // namespace annmpi::model::cpu::kernels
#endif
