#include "annmpi/device/instructions.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "device/cpu/gemm/blas_core.hpp"
#include "device/cpu/simd/simd_target.hpp"

namespace annmpi::device {

std::vector<std::int64_t> instruction_limits() {
  std::vector<std::int64_t> limits = cpu::kernels::simd_target_limits();
  std::ranges::copy(cpu::blas_core_limits(), std::back_inserter(limits));
  return limits;
}

void use_instructions(std::span<const std::int64_t> limits) {
  const std::size_t targets = cpu::kernels::simd_target_count();
  cpu::kernels::choose_simd_target(limits.first(targets));
  cpu::choose_blas_core(limits.subspan(targets));
}

std::string simd_target() {
  return cpu::kernels::simd_target();
}

}  // namespace annmpi::device
