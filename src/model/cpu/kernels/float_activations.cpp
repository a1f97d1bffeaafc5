#include "model/cpu/kernels/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/cpu/kernels/float_activations.cpp"
#include <hwy/foreach_target.h>

#include "model/cpu/kernels/float_activations.hpp"
#include "model/cpu/kernels/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::model::cpu::kernels::HWY_NAMESPACE {

/// Through doubles, which fill a vector before the floats do.
template <class Function>
HWY_INLINE void map_floats(std::span<float> values) {
  constexpr Vectors<double, float> wide;
  constexpr hn::Rebind<float, Vectors<double, float>> d;
  for (std::size_t i = 0; i < values.size(); i += hn::MaxLanes(d))
    hn::StoreU(hn::DemoteTo(d, Function::of(wide, load_as(wide, values.data() + i))), d,
               values.data() + i);
}

void rectify(std::span<float> values) {
  constexpr Vectors<float> d;
  const auto zero = hn::Zero(d);
  for (std::size_t i = 0; i < values.size(); i += hn::MaxLanes(d)) {
    const auto z = hn::LoadU(d, values.data() + i);
    // Not a maximum: what is not a number must stay visible.
    hn::StoreU(hn::IfThenElse(hn::Lt(z, zero), zero, z), d, values.data() + i);
  }
}

void activate_floats(Activation activation, std::span<float> values) {
  switch (activation) {
    case Activation::sigmoid:
      return map_floats<Sigmoid>(values);
    case Activation::tanh:
      return map_floats<Tanh>(values);
    case Activation::relu:
      return rectify(values);
  }
}

void multiply_float_derivatives(Activation activation, std::span<const float> values,
                                std::span<float> factors) {
  constexpr Vectors<float> d;
  const auto one = hn::Set(d, 1.0F);
  const auto for_each = [&](auto&& times_derivative) HWY_ATTR {
    for (std::size_t i = 0; i < factors.size(); i += hn::MaxLanes(d))
      hn::StoreU(
          times_derivative(hn::LoadU(d, values.data() + i), hn::LoadU(d, factors.data() + i)), d,
          factors.data() + i);
  };
  switch (activation) {
    case Activation::sigmoid:
      return for_each([&](auto a, auto factor)
                          HWY_ATTR { return hn::Mul(hn::Mul(a, hn::Sub(one, a)), factor); });
    case Activation::tanh:
      return for_each([&](auto a, auto factor)
                          HWY_ATTR { return hn::Mul(fused(d, hn::Neg(a), a, one), factor); });
    case Activation::relu:
      return for_each([&](auto a, auto factor)
                          HWY_ATTR { return hn::IfThenElseZero(hn::Gt(a, hn::Zero(d)), factor); });
  }
}

}  // namespace annmpi::model::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::model::cpu::kernels {

HWY_EXPORT(activate_floats);
HWY_EXPORT(multiply_float_derivatives);

void activate(Activation activation, std::span<float> values) {
  HWY_DYNAMIC_DISPATCH(activate_floats)(activation, values);
}

void multiply_by_derivative(Activation activation, std::span<const float> values,
                            std::span<float> factors) {
  HWY_DYNAMIC_DISPATCH(multiply_float_derivatives)(activation, values, factors);
}

}  // namespace annmpi::model::cpu::kernels
#endif
