#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/layers/hits.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/layers/hits.hpp"
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

/// A row in each lane.
template <class Real>
HWY_INLINE std::int64_t hits_in(const Real* z, const std::int32_t* labels, std::size_t rows,
                                std::size_t classes) {
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

std::int64_t hits_of_doubles(const double* z, const std::int32_t* labels, std::size_t rows,
                             std::size_t classes) {
  return hits_in(z, labels, rows, classes);
}
std::int64_t hits_of_floats(const float* z, const std::int32_t* labels, std::size_t rows,
                            std::size_t classes) {
  return hits_in(z, labels, rows, classes);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

HWY_EXPORT(hits_of_doubles);
HWY_EXPORT(hits_of_floats);

std::int64_t count_hits(std::span<const double> z, std::span<const std::int32_t> labels,
                        std::size_t classes) {
  return HWY_DYNAMIC_DISPATCH(hits_of_doubles)(z.data(), labels.data(), labels.size(), classes);
}
std::int64_t count_hits(std::span<const float> z, std::span<const std::int32_t> labels,
                        std::size_t classes) {
  return HWY_DYNAMIC_DISPATCH(hits_of_floats)(z.data(), labels.data(), labels.size(), classes);
}

}  // namespace annmpi::device::cpu::kernels
#endif
