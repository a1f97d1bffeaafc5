#pragma once

/// The formulas of the rules (activations, losses, updates) are templates over the type V of the
/// numbers: vectors of Highway on CPUs, compiled once per instruction set in namespace
/// annmpi::rules::HWY_NAMESPACE, and single doubles and floats elsewhere, for nvcc too, in
/// namespace annmpi::rules::scalar. Headers of formulas are named *-inl.hpp. Sources that use
/// Highway include them behind hwy/foreach_target.h, never through an ordinary header.
///
/// ANNMPI_FORMULA marks a function, and ANNMPI_RARE_FORMULA one that is better not inlined.
/// ANNMPI_CALLER stands before the template of a function that calls a function object, of the host
/// or the GPU, and ANNMPI_UNREACHABLE behind an exhaustive switch.
#ifdef HWY_TARGET_INCLUDE
#define ANNMPI_FORMULAS_BEGIN \
  HWY_BEFORE_NAMESPACE();     \
  namespace annmpi::rules::HWY_NAMESPACE {
#define ANNMPI_FORMULAS_END \
  }                         \
  HWY_AFTER_NAMESPACE();
#define ANNMPI_FORMULA HWY_INLINE
#define ANNMPI_RARE_FORMULA HWY_NOINLINE
#define ANNMPI_CALLER
#else
#define ANNMPI_FORMULAS_BEGIN namespace annmpi::rules::scalar {
#define ANNMPI_FORMULAS_END }
#ifdef __CUDACC__
#define ANNMPI_FORMULA __host__ __device__ inline
#define ANNMPI_CALLER _Pragma("nv_exec_check_disable")
#else
#define ANNMPI_FORMULA inline
#define ANNMPI_CALLER
#endif
#define ANNMPI_RARE_FORMULA ANNMPI_FORMULA
#endif
#define ANNMPI_UNREACHABLE __builtin_unreachable();
