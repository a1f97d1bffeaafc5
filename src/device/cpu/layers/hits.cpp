#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/hits.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/layers/hits.hpp"
#include "device/cpu/simd/dispatch.hpp"
#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

template <class Places>
requires(sizeof(hn::TFromD<Places>) ==
         4) HWY_INLINE hn::Vec<Places> load_labels(Places places, const std::int32_t* from) {
  return hn::LoadU(places, from);
}
template <class Places>
requires(sizeof(hn::TFromD<Places>) ==
         8) HWY_INLINE hn::Vec<Places> load_labels(Places places, const std::int32_t* from) {
  return hn::PromoteTo(places, hn::LoadU(hn::Rebind<std::int32_t, Places>(), from));
}

template <class Real>
bool is_hit(const Real* row, std::size_t label, std::size_t classes) {
  bool largest = true;
  for (std::size_t k = 0; k < classes; ++k)
    largest = largest & ((row[k] < row[label]) | ((row[k] == row[label]) & (k >= label)));
  return largest;
}

/// One row per lane.
template <class Real>
std::int64_t count_hits(std::span<const Real> logits, std::span<const std::int32_t> all_labels,
                        std::size_t classes) {
  const Real* const z = logits.data();
  const std::int32_t* const labels = all_labels.data();
  const std::size_t rows = all_labels.size();
  constexpr Vectors<Real> vectors;
  constexpr hn::RebindToSigned<Vectors<Real>> places;
  using Place = hn::TFromD<decltype(places)>;
  constexpr std::size_t width = hn::MaxLanes(vectors);
  const auto begins = hn::Mul(hn::Iota(places, 0), hn::Set(places, static_cast<Place>(classes)));
  std::int64_t hits = 0;
  std::size_t i = 0;
  for (; i + width <= rows; i += width) {
    const Real* const row = z + i * classes;
    const auto label = load_labels(places, labels + i);
    const auto own = hn::GatherIndex(vectors, row, hn::Add(begins, label));
    auto largest = hn::Eq(own, own);
    for (std::size_t k = 0; k < classes; ++k) {
      const auto other = hn::GatherIndex(vectors, row + k, begins);
      const auto behind =
          hn::RebindMask(vectors, hn::Lt(label, hn::Set(places, static_cast<Place>(k + 1))));
      largest = hn::And(largest, hn::Or(hn::Lt(other, own), hn::And(hn::Eq(other, own), behind)));
    }
    hits += static_cast<std::int64_t>(hn::CountTrue(vectors, largest));
  }
  for (; i < rows; ++i)
    hits += is_hit(z + i * classes, static_cast<std::size_t>(labels[i]), classes) ? 1 : 0;
  return hits;
}

ANNMPI_KERNEL(count_hits)

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

ANNMPI_EXPORT(count_hits)

template <class Real>
std::int64_t count_hits(std::span<const Real> z, std::span<const std::int32_t> labels,
                        std::size_t classes) {
  return ANNMPI_DISPATCH(Real, count_hits)(z, labels, classes);
}
ANNMPI_INSTANTIATE_KERNEL(count_hits)

}  // namespace annmpi::device::cpu::kernels
#endif
