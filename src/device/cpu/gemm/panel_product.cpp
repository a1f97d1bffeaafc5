#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/gemm/panel_product.cpp"
#include <hwy/foreach_target.h>

#include "device/cpu/gemm/panel_product.hpp"
#include "device/cpu/simd/dispatch.hpp"
#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

template <class Real, std::size_t width>
struct Panel {
  static constexpr Vectors<Real> d{};
  using Vector = hn::Vec<Vectors<Real>>;
  static constexpr std::size_t lanes = hn::MaxLanes(d);
  static constexpr std::size_t vectors = width / lanes;
  /// Rows of a register block: half of the registers hold accumulators, the others factors. More
  /// rows do not pay, since each reads a stream of its own in the left factor.
  static constexpr std::size_t rows = [] {
    const std::size_t fitting = vector_registers / 2 / vectors;
    return fitting >= 8   ? std::size_t{8}
           : fitting >= 4 ? std::size_t{4}
           : fitting >= 2 ? std::size_t{2}
                          : std::size_t{1};
  }();
};

/// Micro-kernel: one register block, `rows` rows of out.
template <class Real, std::size_t width, std::size_t rows>
HWY_INLINE void multiply_block(std::span<const Stretch<Real>> stretches, LeftStrides strides,
                               std::size_t first_row, Start<Real> start, Real* out) {
  using P = Panel<Real, width>;
  constexpr auto d = P::d;
  typename P::Vector sums[rows][P::vectors];
#pragma GCC unroll 8
  for (std::size_t m = 0; m < rows; ++m)
#pragma GCC unroll 16
    for (std::size_t v = 0; v < P::vectors; ++v)
      sums[m][v] = start.data == nullptr
                       ? hn::Zero(d)
                       : hn::Load(d, start.data + (first_row + m) * start.stride + v * P::lanes);
  for (const Stretch<Real>& stretch : stretches) {
    const Real* left = stretch.left + first_row * strides.rows;
    const Real* right = stretch.right;
    for (std::size_t k = 0; k < stretch.count; ++k) {
      typename P::Vector factors[P::vectors];
#pragma GCC unroll 16
      for (std::size_t v = 0; v < P::vectors; ++v) {
        factors[v] = hn::Load(d, right + v * P::lanes);
        keep_in_register(factors[v]);
      }
#pragma GCC unroll 8
      for (std::size_t m = 0; m < rows; ++m) {
        const auto factor = hn::Set(d, left[m * strides.rows]);
#pragma GCC unroll 16
        for (std::size_t v = 0; v < P::vectors; ++v)
          sums[m][v] = fused(factor, factors[v], sums[m][v]);
      }
      left += strides.inner;
      right += width;
    }
  }
#pragma GCC unroll 8
  for (std::size_t m = 0; m < rows; ++m)
#pragma GCC unroll 16
    for (std::size_t v = 0; v < P::vectors; ++v)
      hn::Store(sums[m][v], d, out + (first_row + m) * width + v * P::lanes);
}

/// Register blocks of `block` rows while that many are left, then of half as many.
template <class Real, std::size_t width, std::size_t block>
HWY_INLINE void multiply_from(std::size_t first_row, std::size_t rows,
                              std::span<const Stretch<Real>> stretches, LeftStrides strides,
                              Start<Real> start, Real* out) {
  for (; first_row + block <= rows; first_row += block)
    multiply_block<Real, width, block>(stretches, strides, first_row, start, out);
  if constexpr (block > 1)
    if (first_row < rows)
      multiply_from<Real, width, block / 2>(first_row, rows, stretches, strides, start, out);
}

template <class Real>
void multiply(std::size_t width, std::size_t rows, std::span<const Stretch<Real>> stretches,
              LeftStrides strides, Start<Real> start, Real* out) {
  if (width == wide_panel)
    multiply_from<Real, wide_panel, Panel<Real, wide_panel>::rows>(0, rows, stretches, strides,
                                                                   start, out);
  else
    multiply_from<Real, slim_panel, Panel<Real, slim_panel>::rows>(0, rows, stretches, strides,
                                                                   start, out);
}

ANNMPI_KERNEL(multiply)

/// The accumulators of one list, in registers.
template <class Real, std::size_t width>
struct ListSums {
  using P = Panel<Real, width>;
  typename P::Vector sums[P::vectors];

  HWY_INLINE void load(Start<Real> start, std::size_t list) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < P::vectors; ++v)
      sums[v] = start.data == nullptr
                    ? hn::Zero(P::d)
                    : hn::Load(P::d, start.data + list * start.stride + v * P::lanes);
  }
  HWY_INLINE void add(const Entry<Real>& entry, const Real* right) {
    const auto value = hn::Set(P::d, entry.value);
    const Real* row = right + std::size_t{entry.row} * width;
#pragma GCC unroll 16
    for (std::size_t v = 0; v < P::vectors; ++v)
      sums[v] = fused(value, hn::Load(P::d, row + v * P::lanes), sums[v]);
  }
  HWY_INLINE void store(Real* to) const {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < P::vectors; ++v) hn::Store(sums[v], P::d, to + v * P::lanes);
  }
};

/// Two lists at a time: the multiply-adds of one alone would be bound by latency.
template <class Real, std::size_t width>
HWY_INLINE void lists_of_width(std::span<const std::uint32_t> begins, const Entry<Real>* entries,
                               const Real* right, Start<Real> start, Real* out) {
  const std::size_t lists = begins.size() - 1;
  ListSums<Real, width> first, second;
  std::size_t m = 0;
  for (; m + 2 <= lists; m += 2) {
    first.load(start, m);
    second.load(start, m + 1);
    const Entry<Real>* a = entries + begins[m];
    const Entry<Real>* b = entries + begins[m + 1];
    const Entry<Real>* const a_end = b;
    const Entry<Real>* const b_end = entries + begins[m + 2];
    for (; a < a_end && b < b_end; ++a, ++b) {
      first.add(*a, right);
      second.add(*b, right);
    }
    for (; a < a_end; ++a) first.add(*a, right);
    for (; b < b_end; ++b) second.add(*b, right);
    first.store(out + m * width);
    second.store(out + (m + 1) * width);
  }
  if (m == lists) return;
  first.load(start, m);
  for (std::uint32_t n = begins[m]; n < begins[m + 1]; ++n) first.add(entries[n], right);
  first.store(out + m * width);
}

template <class Real>
void multiply_lists(std::size_t width, std::span<const std::uint32_t> begins,
                    const Entry<Real>* entries, const Real* right, Start<Real> start, Real* out) {
  if (width == wide_panel)
    lists_of_width<Real, wide_panel>(begins, entries, right, start, out);
  else
    lists_of_width<Real, slim_panel>(begins, entries, right, start, out);
}

ANNMPI_KERNEL(multiply_lists)

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {

ANNMPI_EXPORT(multiply)
ANNMPI_EXPORT(multiply_lists)

template <class Real>
void multiply(std::size_t width, std::size_t rows, std::span<const Stretch<Real>> stretches,
              LeftStrides left, Start<Real> start, Real* out) {
  ANNMPI_DISPATCH(Real, multiply)(width, rows, stretches, left, start, out);
}
template <class Real>
void multiply_lists(std::size_t width, std::span<const std::uint32_t> begins,
                    const Entry<Real>* entries, const Real* right, Start<Real> start, Real* out) {
  ANNMPI_DISPATCH(Real, multiply_lists)(width, begins, entries, right, start, out);
}
ANNMPI_INSTANTIATE_KERNEL(multiply)
ANNMPI_INSTANTIATE_KERNEL(multiply_lists)

}  // namespace annmpi::device::cpu::kernels
#endif
