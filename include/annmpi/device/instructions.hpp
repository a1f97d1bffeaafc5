#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Which of the processor's instructions are computed with. Products of OpenBLAS come out with
/// other bits on other processors, and those of bytes with AMX than without (our other kernels do
/// not), so the ranks of a job agree, before the first device is made, on what all of them can do:
///
///   std::vector<std::int64_t> limits = instruction_limits();
///   ... the maximum of each number over the ranks ...
///   use_instructions(limits);
///
/// The choice holds for the whole process, as do those of the libraries behind it. A program of one
/// process may leave all this out: the best that its processor can do is taken then.
namespace annmpi::device {

/// What this process can do, as numbers of which the ranks form the maximum. Equally many on all.
///
/// Two environment variables have a say, for comparisons and tests. ANNMPI_SIMD_TARGET names the
/// best instruction set that our kernels may use on this rank: AMX (matrix units for bytes, beside
/// AVX-512) or, as Highway calls it, AVX3 (which is AVX-512), AVX2, NEON, SCALAR...
/// OPENBLAS_CORETYPE fixes the kernels of OpenBLAS and must be
/// equal on all ranks.
/// @throws Error if one of them names what is unknown or what this processor cannot run.
[[nodiscard]] std::vector<std::int64_t> instruction_limits();

/// Chooses the best that the limits leave. Not while other threads read the environment.
/// @throws Error if the ranks ask for different things.
void use_instructions(std::span<const std::int64_t> limits);

/// What our kernels use: "AMX" or, as Highway calls it, "AVX3"...
[[nodiscard]] std::string simd_target();

struct BlasLibrary {
  std::string core;           ///< the processor that its kernels are made for: "SkylakeX"
  std::string configuration;  ///< version and options of the build, in its own words
};

/// OpenBLAS, which is loaded when the first layer that needs it is made; empty until then.
[[nodiscard]] std::optional<BlasLibrary> loaded_blas();

}  // namespace annmpi::device
