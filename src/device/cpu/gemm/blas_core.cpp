#include "device/cpu/gemm/blas_core.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include <strings.h>

#include "annmpi/base/error.hpp"
#include "annmpi/base/hash.hpp"

namespace annmpi::device::cpu {
namespace {

constexpr auto variable = "OPENBLAS_CORETYPE";

struct Core {
  const char* name;
  bool (*runs_here)();
};

/// Best first. Cooperlake is left out: its kernels for doubles and floats are those of SkylakeX (43
/// against 43 and 51 against 52 GFLOP/s for doubles, 512 rows, 1024 inputs, 64 and 256 units, on a
/// Sapphire Rapids; Haswell's 31 and 35), and without it processors of both kinds agree.
#if defined(__x86_64__)
constexpr Core cores[] = {
    {"SkylakeX",
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512vl");
     }},
    {"Zen",
     [] {
       return __builtin_cpu_is("amd") && __builtin_cpu_supports("avx2") &&
              __builtin_cpu_supports("fma");
     }},
    {"Haswell", [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }},
    {"Sandybridge", [] { return bool(__builtin_cpu_supports("avx")); }},
    {"Nehalem", [] { return bool(__builtin_cpu_supports("sse4.2")); }},
    {"Prescott", [] { return true; }},
};
#else
constexpr std::span<const Core> cores;
#endif

/// Indices into the limits: two for the requested core type, the rest for the core types.
constexpr std::size_t largest_request = 0;
constexpr std::size_t least_request = 1;
constexpr std::size_t first_core = 2;

}  // namespace

bool is_same_core(const std::string& a, const std::string& b) {
  return ::strcasecmp(a.c_str(), b.c_str()) == 0;
}

std::string chosen_blas_core() {
  const char* text = std::getenv(variable);
  return text == nullptr ? "" : text;
}

std::vector<std::int64_t> blas_core_limits() {
  const std::string asked = chosen_blas_core();
  const auto request = static_cast<std::int64_t>(hash64(std::as_bytes(std::span(asked))) >> 1);
  std::vector<std::int64_t> limits{request, -request};
  for (const Core& core : cores) {
    limits.push_back(core.runs_here() ? 0 : 1);
    require(core.runs_here() || !is_same_core(asked, core.name),
            "{}={}: this processor lacks its instructions; unset the variable", variable, asked);
  }
  return limits;
}

void choose_blas_core(std::span<const std::int64_t> limits) {
  require(limits[largest_request] == -limits[least_request],
          "{} differs between the ranks (OpenBLAS would compute other bits on each); set it to the "
          "same value on all (mpirun -x {}=...) or on none",
          variable, variable);
  if (!chosen_blas_core().empty()) return;
  for (std::size_t index = 0; index < std::size(cores); ++index)
    if (limits[first_core + index] == 0) {
      ::setenv(variable, cores[index].name, 1);
      return;
    }
}

}  // namespace annmpi::device::cpu
