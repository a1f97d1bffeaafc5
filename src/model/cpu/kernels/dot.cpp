#include "model/cpu/kernels/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/cpu/kernels/dot.cpp"
#include <algorithm>

#include <hwy/foreach_target.h>

#include "model/cpu/kernels/dot.hpp"
#include "model/cpu/kernels/lane_sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::model::cpu::kernels::HWY_NAMESPACE {

constexpr std::size_t lanes = logical_lanes<double>;
constexpr Vectors<double> vectors;
constexpr std::size_t step = hn::MaxLanes(vectors);
using Vector = hn::Vec<Vectors<double>>;

double dot_flat(const double* x, const double* y, std::size_t count) {
  alignas(64) double sums[lanes];
  const std::size_t whole = count / lanes * lanes;
  alignas(64) double last[2][lanes] = {};
  std::copy(x + whole, x + count, last[0]);
  std::copy(y + whole, y + count, last[1]);
  for (std::size_t part = 0; part < lanes; part += step) {
    Vector sum = hn::Zero(vectors);
    for (std::size_t i = part; i < whole; i += lanes)
      sum = fused(vectors, hn::LoadU(vectors, x + i), hn::LoadU(vectors, y + i), sum);
    sum = fused(vectors, hn::Load(vectors, last[0] + part), hn::Load(vectors, last[1] + part), sum);
    hn::Store(sum, vectors, sums + part);
  }
  return sum_of_lanes(sums);
}

}  // namespace annmpi::model::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::model::cpu::kernels {

HWY_EXPORT(dot_flat);

double fixed_order_dot(std::span<const double> x, std::span<const double> y) {
  return HWY_DYNAMIC_DISPATCH(dot_flat)(x.data(), y.data(), x.size());
}

}  // namespace annmpi::model::cpu::kernels
#endif
