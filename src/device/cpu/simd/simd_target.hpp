#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Which of the instruction sets that the kernels are compiled for they use in this process: those
/// of Highway, and above them "AMX", with which products of bytes are computed in integers and all
/// else by Highway's best. The kernels of Highway give the same bits on all of them (tests
/// compare), but not those that products in integers give. The ranks of a job agree on one.
namespace annmpi::device::cpu::kernels {

/// One number for each instruction set that the kernels are compiled for, best first: 1 where this
/// processor has it not, or where it is better than the one that ANNMPI_SIMD_TARGET names.
/// @throws Error if the variable names one that the kernels or the processor have not.
[[nodiscard]] std::vector<std::int64_t> simd_target_limits();

/// How many numbers those are.
[[nodiscard]] std::size_t simd_target_count();

/// Takes the best that the limits (maxima over the ranks) leave, on all threads from now on.
void choose_simd_target(std::span<const std::int64_t> limits);

/// The name of what the kernels use: "AMX", or what Highway calls it: "AVX2".
[[nodiscard]] std::string simd_target();

/// Whether products of bytes are computed in integers.
[[nodiscard]] bool uses_amx();

}  // namespace annmpi::device::cpu::kernels
