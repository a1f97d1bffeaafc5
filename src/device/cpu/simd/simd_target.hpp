#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Choice of the instruction set of the kernels in this process: a target of Highway, or above them
/// "AMX", which computes products of bytes in integers and all else on Highway's best target. All
/// targets of Highway give the same bits (tests compare them); integer products give others. The
/// ranks of a job agree on one.
///
/// "AMX_EMULATED", for tests, gives the bits of AMX on any processor, slowly: products of bytes are
/// computed by the plain tile unit (int8/tile_unit.hpp). It is used only if all ranks name it.
namespace annmpi::device::cpu::kernels {

/// One number per compiled instruction set, best first: 1 if this processor lacks it or if it is
/// better than the one that ANNMPI_SIMD_TARGET names.
/// @throws Error if the variable names one that is not compiled or that the processor lacks.
[[nodiscard]] std::vector<std::int64_t> simd_target_limits();

/// The length of simd_target_limits().
[[nodiscard]] std::size_t simd_target_count();

/// Chooses the best target that the limits (maxima over the ranks) allow, for all threads.
void choose_simd_target(std::span<const std::int64_t> limits);

/// The name of the target in use: "AMX", "AMX_EMULATED", or Highway's name, such as "AVX2".
[[nodiscard]] std::string simd_target();

/// Whether products of bytes are computed in integers.
[[nodiscard]] bool uses_tiles();

}  // namespace annmpi::device::cpu::kernels
