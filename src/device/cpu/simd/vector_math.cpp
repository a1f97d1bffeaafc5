#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/simd/vector_math.cpp"
#include <algorithm>

#include <hwy/foreach_target.h>

#include "annmpi/rules/elementary-inl.hpp"

#include "device/cpu/simd/lanes-inl.hpp"
#include "device/cpu/simd/vector_math.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// out = function(x); an end that fills no vector is padded, not treated differently.
template <class Function>
HWY_INLINE void map(std::span<const double> x, std::span<double> out, Function function) {
  constexpr Vectors<double> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  const std::size_t whole = x.size() / step * step;
  for (std::size_t i = 0; i < whole; i += step)
    hn::StoreU(function(hn::LoadU(d, x.data() + i)), d, out.data() + i);
  if (whole == x.size()) return;
  alignas(64) double last[step] = {};
  std::copy(x.begin() + static_cast<std::ptrdiff_t>(whole), x.end(), last);
  hn::Store(function(hn::Load(d, last)), d, last);
  std::copy_n(last, x.size() - whole, out.data() + whole);
}

void map_exp(std::span<const double> x, std::span<double> out) {
  map(x, out, [](auto v) { return formulas::exp(v); });
}
void map_sigmoid(std::span<const double> x, std::span<double> out) {
  map(x, out, [](auto v) { return formulas::sigmoid(v); });
}
void map_tanh(std::span<const double> x, std::span<double> out) {
  map(x, out, [](auto v) { return formulas::tanh(v); });
}
void map_softplus_tail(std::span<const double> x, std::span<double> out) {
  map(x, out, [](auto v) { return formulas::log1p_of_fraction(formulas::decay(v)); });
}
void map_log_from_one(std::span<const double> x, std::span<double> out) {
  map(x, out, [](auto v) { return formulas::log_from_one(v); });
}
void map_erf(std::span<const double> x, std::span<double> out) {
  map(x, out, [](auto v) { return formulas::erf(v); });
}
void map_expm1_of_negative(std::span<const double> x, std::span<double> out) {
  map(x, out, [](auto v) { return formulas::expm1_of_negative(v); });
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(map_exp);
HWY_EXPORT(map_sigmoid);
HWY_EXPORT(map_tanh);
HWY_EXPORT(map_softplus_tail);
HWY_EXPORT(map_log_from_one);
HWY_EXPORT(map_erf);
HWY_EXPORT(map_expm1_of_negative);

void exp(std::span<const double> x, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(map_exp)(x, out);
}
void sigmoid(std::span<const double> x, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(map_sigmoid)(x, out);
}
void tanh(std::span<const double> x, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(map_tanh)(x, out);
}
void softplus_tail(std::span<const double> x, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(map_softplus_tail)(x, out);
}
void log_from_one(std::span<const double> x, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(map_log_from_one)(x, out);
}
void erf(std::span<const double> x, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(map_erf)(x, out);
}
void expm1_of_negative(std::span<const double> x, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(map_expm1_of_negative)(x, out);
}

}  // namespace annmpi::device::cpu::kernels
#endif
