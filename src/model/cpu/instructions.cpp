#include "annmpi/model/instructions.hpp"

#include "model/cpu/blas_core.hpp"

namespace annmpi::model {

std::vector<std::int64_t> instruction_limits() {
  return cpu::blas_core_limits();
}

void use_instructions(std::span<const std::int64_t> limits) {
  cpu::choose_blas_core(limits);
}

}  // namespace annmpi::model
