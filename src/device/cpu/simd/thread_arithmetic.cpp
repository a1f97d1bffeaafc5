#include "device/cpu/simd/thread_arithmetic.hpp"

#include <cstddef>
#include <vector>

#include <omp.h>

#include "annmpi/base/arithmetic.hpp"
#include "annmpi/base/error.hpp"

namespace annmpi::device::cpu {

void require_sound_arithmetic_on(int threads) {
  // Exceptions must not leave a parallel region.
  std::vector<Arithmetic> observed(static_cast<std::size_t>(threads));
#pragma omp parallel num_threads(threads)
  observed[static_cast<std::size_t>(omp_get_thread_num())] = observe_arithmetic();
  for (std::size_t thread = 0; thread < observed.size(); ++thread)
    require_sound(observed[thread], fmt::format("on OpenMP thread {}", thread));
}

}  // namespace annmpi::device::cpu
