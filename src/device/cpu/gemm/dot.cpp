#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/gemm/dot.cpp"
#include <algorithm>

#include <hwy/foreach_target.h>

#include "device/cpu/gemm/dot.hpp"
#include "device/cpu/simd/dispatch.hpp"
#include "device/cpu/simd/lane_sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

constexpr std::size_t lanes = logical_lanes<double>;
constexpr Vectors<double> vectors;
constexpr std::size_t step = hn::MaxLanes(vectors);
using Vector = hn::Vec<Vectors<double>>;

/// The 8 partial sums of a dot.
struct LaneSums {
  alignas(64) double values[lanes];
};

/// Adds elements first .. last - 1, a multiple of 8, of some pairs to their partial sums: several
/// independent chains of multiply-adds hide the latency of each.
template <std::size_t pairs, class Terms>
HWY_INLINE void add_products(const Terms* terms, std::size_t first, std::size_t last,
                             LaneSums* sums) {
  for (std::size_t part = 0; part < lanes; part += step) {
    Vector sum[pairs];
    for (std::size_t p = 0; p < pairs; ++p) sum[p] = hn::Load(vectors, sums[p].values + part);
    for (std::size_t i = first + part; i < last; i += lanes)
      for (std::size_t p = 0; p < pairs; ++p)
        sum[p] = fused(load_as(vectors, terms[p].x + i), load_as(vectors, terms[p].y + i), sum[p]);
    for (std::size_t p = 0; p < pairs; ++p) hn::Store(sum[p], vectors, sums[p].values + part);
  }
}

/// Adds the remainder behind the last whole block of 8, padded with zeros, and sums the lanes.
template <class Terms>
HWY_INLINE double finish(const Terms& terms, std::size_t whole, std::size_t count, LaneSums& sums) {
  LaneSums x{}, y{};
  std::copy(terms.x + whole, terms.x + count, x.values);
  std::copy(terms.y + whole, terms.y + count, y.values);
  const DotTerms last{x.values, y.values};
  add_products<1>(&last, 0, lanes, &sums);
  return sum_of_lanes(sums.values);
}

template <class Real>
double fixed_order_dot(std::span<const Real> x, std::span<const Real> y) {
  const struct {
    const Real* x;
    const Real* y;
  } terms{x.data(), y.data()};
  const std::size_t whole = x.size() / lanes * lanes;
  LaneSums sums{};
  add_products<1>(&terms, 0, whole, &sums);
  return finish(terms, whole, x.size(), sums);
}
ANNMPI_KERNEL(fixed_order_dot)

/// At most most_dots pairs.
void dots_flat(const DotTerms* terms, std::size_t pairs, std::size_t count, double* dots) {
  LaneSums sums[most_dots]{};
  // 4 KiB per vector: those of L-BFGS with a memory of 10 fit into the second-level cache.
  constexpr std::size_t block = 512;
  const std::size_t whole = count / lanes * lanes;
  for (std::size_t first = 0; first < whole; first += block) {
    const std::size_t last = std::min(first + block, whole);
    std::size_t p = 0;
    for (; p + 4 <= pairs; p += 4) add_products<4>(terms + p, first, last, sums + p);
    for (; p < pairs; ++p) add_products<1>(terms + p, first, last, sums + p);
  }
  for (std::size_t p = 0; p < pairs; ++p) dots[p] = finish(terms[p], whole, count, sums[p]);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

ANNMPI_EXPORT(fixed_order_dot)
HWY_EXPORT(dots_flat);

double fixed_order_dot(std::span<const double> x, std::span<const double> y) {
  return ANNMPI_DISPATCH(double, fixed_order_dot)(x, y);
}
double fixed_order_dot(std::span<const float> x, std::span<const float> y) {
  return ANNMPI_DISPATCH(float, fixed_order_dot)(x, y);
}

void fixed_order_dots(std::span<const DotTerms> pairs, std::size_t count, std::span<double> dots) {
  for (std::size_t first = 0; first < pairs.size(); first += most_dots) {
    const std::span<const DotTerms> some =
        pairs.subspan(first, std::min(most_dots, pairs.size() - first));
    HWY_DYNAMIC_DISPATCH(dots_flat)(some.data(), some.size(), count, dots.data() + first);
  }
}

}  // namespace annmpi::device::cpu::kernels
#endif
