#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// The kernels of OpenBLAS are named after processors, its "core types"; the environment variable
/// OPENBLAS_CORETYPE chooses one, and is read as the library is loaded. Left to itself, version
/// 0.3.21 takes processors that it does not know for Haswell, at two thirds of the speed of its
/// kernels for AVX-512.
namespace annmpi::device::cpu {

/// One number for each core type that is chosen without being asked for, 1 where this processor
/// cannot run it, and two that show whether the ranks are asked for the same.
/// @throws Error if OPENBLAS_CORETYPE names a known type that this processor cannot run.
[[nodiscard]] std::vector<std::int64_t> blas_core_limits();

/// Sets OPENBLAS_CORETYPE to the best type that the limits (maxima over the ranks) leave, or leaves
/// it as the user set it. On processors other than x86-64 OpenBLAS is left to itself.
/// @throws Error unless OPENBLAS_CORETYPE is the same on all ranks.
void choose_blas_core(std::span<const std::int64_t> limits);

/// The value of OPENBLAS_CORETYPE; empty where nothing was chosen yet.
[[nodiscard]] std::string chosen_blas_core();

/// As OpenBLAS compares the names of core types: without regard to case.
[[nodiscard]] bool is_same_core(const std::string& a, const std::string& b);

}  // namespace annmpi::device::cpu
