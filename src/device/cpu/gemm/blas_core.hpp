#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Choice of the kernels of OpenBLAS. They are named after processors, the "core types"; the
/// library reads the environment variable OPENBLAS_CORETYPE while it is loaded. By default version
/// 0.3.21 treats unknown processors as Haswell, at two thirds of the speed of its kernels for
/// AVX-512.
namespace annmpi::device::cpu {

/// One number per core type that may be chosen by default, 1 if this processor cannot run it, after
/// two numbers that reveal whether all ranks are asked for the same type.
/// @throws Error if OPENBLAS_CORETYPE names a known type that this processor cannot run.
[[nodiscard]] std::vector<std::int64_t> blas_core_limits();

/// Sets OPENBLAS_CORETYPE to the best type that the limits (maxima over the ranks) allow, unless
/// the user has set it. Does nothing on processors other than x86-64.
/// @throws Error unless OPENBLAS_CORETYPE is the same on all ranks.
void choose_blas_core(std::span<const std::int64_t> limits);

/// The value of OPENBLAS_CORETYPE; empty if unset.
[[nodiscard]] std::string chosen_blas_core();

/// Compares names of core types as OpenBLAS does: case-insensitively.
[[nodiscard]] bool is_same_core(const std::string& a, const std::string& b);

}  // namespace annmpi::device::cpu
