#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The instruction sets that the kernels use. Results of OpenBLAS have other bits on other
/// processors, and so have products of bytes with AMX; all other kernels give the same bits on
/// every target. The ranks of a job therefore agree, before the first device is made, on
/// instruction sets that all of them have:
///
///   std::vector<std::int64_t> limits = instruction_limits();
///   ... the maximum of each number over the ranks ...
///   use_instructions(limits);
///
/// The choice holds for the whole process. A program with one process may skip it, and then uses
/// the best instruction set of its processor.
namespace annmpi::device {

/// The instruction sets of this process, coded so that the maximum over the ranks is the common
/// choice. The same length on all ranks.
///
/// Two environment variables limit them, for comparisons and tests. ANNMPI_SIMD_TARGET names the
/// best instruction set that our kernels may use on this rank: AMX (matrix units for bytes, beside
/// AVX-512) or, in Highway's terms, AVX3 (which is AVX-512), AVX2, NEON, SCALAR... For tests on any
/// processor, AMX_EMULATED on all ranks gives the bits of AMX, slowly.
/// OPENBLAS_CORETYPE selects the kernels of OpenBLAS and must be equal on all ranks.
/// @throws Error if one of them names a target that is unknown or that this processor cannot run.
[[nodiscard]] std::vector<std::int64_t> instruction_limits();

/// Chooses the best instruction sets within the limits. Changes the environment, so no other thread
/// may read it meanwhile.
/// @throws Error if the environment variables of the ranks conflict.
void use_instructions(std::span<const std::int64_t> limits);

/// The target of our kernels: "AMX", "AMX_EMULATED" or, in Highway's terms, "AVX3"...
[[nodiscard]] std::string simd_target();

struct BlasLibrary {
  std::string core;           ///< the processor type of its kernels: "SkylakeX"
  std::string configuration;  ///< version and build options, as it reports them
};

/// OpenBLAS, which is loaded when the first layer that needs it is made; empty until then.
[[nodiscard]] std::optional<BlasLibrary> loaded_blas();

}  // namespace annmpi::device
