// Sums over the logical lanes of many vectors at once; included once per SIMD target.

#if defined(ANNMPI_KERNELS_LANE_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_LANE_SUMS_INL
#undef ANNMPI_KERNELS_LANE_SUMS_INL
#else
#define ANNMPI_KERNELS_LANE_SUMS_INL
#endif

#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// The sum of the 8 or 16 logical lanes at `lanes`, in the order that all targets keep: 16 floats
/// become 8 doubles first, l and l + 8 together; then l and l + 4; then l and l + 2; then the rest.
template <class Wide>
HWY_INLINE double sum_of_lanes(const Wide* lanes) {
  double eighths[8];
  for (std::size_t l = 0; l < 8; ++l) {
    eighths[l] = static_cast<double>(lanes[l]);
    if constexpr (logical_lanes<Wide> == 16) eighths[l] += static_cast<double>(lanes[l + 8]);
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
/// Neighbouring pairs of lanes added, those of x and y taking turns.
HWY_INLINE VEight add_pairs(VEight x, VEight y) {
  return hn::Add(hn::OddEvenBlocks(y, x), hn::SwapAdjacentBlocks(hn::OddEvenBlocks(x, y)));
}
/// Neighbouring lanes added, those of x and y taking turns.
HWY_INLINE VEight add_neighbours(VEight x, VEight y) {
  const Eight d;
  return hn::Add(hn::InterleaveLower(d, x, y), hn::InterleaveUpper(d, x, y));
}

/// [sum of v0's lanes, .., sum of v7's], each in the order of sum_of_lanes.
HWY_INLINE VEight sums_of_eight(VEight v0, VEight v1, VEight v2, VEight v3, VEight v4, VEight v5,
                                VEight v6, VEight v7) {
  return add_neighbours(add_pairs(add_halves(v0, v4), add_halves(v2, v6)),
                        add_pairs(add_halves(v1, v5), add_halves(v3, v7)));
}

#endif

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
