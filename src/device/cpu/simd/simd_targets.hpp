#pragma once

/// Instruction sets that the kernels are compiled for; to be included before any header of Highway.
///
/// Disabled: SSSE3 and SSE4, which lack fused multiply-adds (the portable target emulates them,
/// correct and slow, and serves such machines), and vectors of a length unknown at compile time,
/// which cannot be elements of the arrays of a register block (machines with SVE run the NEON
/// kernels).
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
