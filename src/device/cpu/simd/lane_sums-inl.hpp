// Horizontal sums of many vectors at once; included once per SIMD target.

#if defined(ANNMPI_KERNELS_LANE_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_LANE_SUMS_INL
#undef ANNMPI_KERNELS_LANE_SUMS_INL
#else
#define ANNMPI_KERNELS_LANE_SUMS_INL
#endif

#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// The sum of the 8 or 16 logical lanes at `lanes`, in the same order on all targets: 16 floats are
/// first folded to 8 doubles, l with l + 8; then l with l + 4, l with l + 2, and the last two.
template <class Real>
HWY_INLINE double sum_of_lanes(const Real* lanes) {
  double eighths[8];
  for (std::size_t l = 0; l < 8; ++l) {
    eighths[l] = static_cast<double>(lanes[l]);
    if constexpr (logical_lanes<Real> == 16) eighths[l] += static_cast<double>(lanes[l + 8]);
  }
  double quarters[4];
  for (std::size_t l = 0; l < 4; ++l) quarters[l] = eighths[l] + eighths[l + 4];
  return (quarters[0] + quarters[2]) + (quarters[1] + quarters[3]);
}

#if HWY_MAX_BYTES == 64

using Eight = hn::Full512<double>;
using VEight = hn::Vec<Eight>;

/// Halves added: [a0+a4 .. a3+a7, b0+b4 .. b3+b7]
HWY_INLINE VEight add_halves(VEight a, VEight b) {
  const Eight d;
  return hn::Add(hn::ConcatLowerLower(d, b, a), hn::ConcatUpperUpper(d, b, a));
}
/// Adjacent pairs of lanes added, the results of x and y interleaved.
HWY_INLINE VEight add_pairs(VEight x, VEight y) {
  return hn::Add(hn::OddEvenBlocks(y, x), hn::SwapAdjacentBlocks(hn::OddEvenBlocks(x, y)));
}
/// Adjacent lanes added, the results of x and y interleaved.
HWY_INLINE VEight add_neighbours(VEight x, VEight y) {
  const Eight d;
  return hn::Add(hn::InterleaveLower(d, x, y), hn::InterleaveUpper(d, x, y));
}

/// [sum of v0, .., sum of v7], each in the order of sum_of_lanes.
HWY_INLINE VEight sums_of_eight(VEight v0, VEight v1, VEight v2, VEight v3, VEight v4, VEight v5,
                                VEight v6, VEight v7) {
  return add_neighbours(add_pairs(add_halves(v0, v4), add_halves(v2, v6)),
                        add_pairs(add_halves(v1, v5), add_halves(v3, v7)));
}

#endif

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
