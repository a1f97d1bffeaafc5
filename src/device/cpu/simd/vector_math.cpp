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

// The functions as types, to be arguments of a template that is exported by name.
struct Exp {
  template <class V>
  static HWY_INLINE V of(V x) {
    return formulas::exp(x);
  }
};
struct Sigmoid {
  template <class V>
  static HWY_INLINE V of(V x) {
    return formulas::sigmoid(x);
  }
};
struct Tanh {
  template <class V>
  static HWY_INLINE V of(V x) {
    return formulas::tanh(x);
  }
};
struct LogFromOne {
  template <class V>
  static HWY_INLINE V of(V x) {
    return formulas::log_from_one(x);
  }
};
struct SoftplusTail {
  template <class V>
  static HWY_INLINE V of(V x) {
    return formulas::log1p_of_fraction(formulas::decay(x));
  }
};
struct Erf {
  template <class V>
  static HWY_INLINE V of(V x) {
    return formulas::erf(x);
  }
};
struct Expm1OfNegative {
  template <class V>
  static HWY_INLINE V of(V x) {
    return formulas::expm1_of_negative(x);
  }
};

/// out = Function(x); an end that fills no vector is padded, not treated differently.
template <class Function>
void map(std::span<const double> x, std::span<double> out) {
  constexpr Vectors<double> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  const std::size_t whole = x.size() / step * step;
  for (std::size_t i = 0; i < whole; i += step)
    hn::StoreU(Function::of(hn::LoadU(d, x.data() + i)), d, out.data() + i);
  if (whole == x.size()) return;
  alignas(64) double last[step] = {};
  std::copy(x.begin() + static_cast<std::ptrdiff_t>(whole), x.end(), last);
  hn::Store(Function::of(hn::Load(d, last)), d, last);
  std::copy_n(last, x.size() - whole, out.data() + whole);
}

static constexpr auto& map_exp = map<Exp>;
static constexpr auto& map_sigmoid = map<Sigmoid>;
static constexpr auto& map_tanh = map<Tanh>;
static constexpr auto& map_softplus_tail = map<SoftplusTail>;
static constexpr auto& map_log_from_one = map<LogFromOne>;
static constexpr auto& map_erf = map<Erf>;
static constexpr auto& map_expm1_of_negative = map<Expm1OfNegative>;

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
