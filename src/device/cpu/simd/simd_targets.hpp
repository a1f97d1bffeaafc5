#pragma once

/// Which instruction sets the kernels are compiled for; to be included before anything of Highway.
///
/// Left out: SSSE3 and SSE4, whose machines have no fused multiply-add and would need it emulated
/// (the portable target does that, correct and slow, and stands in for them); vectors of
/// a length unknown at compile time (SVE), which cannot be kept in arrays as the register blocks
/// are: machines with SVE run the NEON kernels.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
