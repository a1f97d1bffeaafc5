#include "annmpi/comm/threads.hpp"

#include <algorithm>
#include <cstdlib>

#include <sched.h>
#include <unistd.h>

namespace annmpi::comm {
namespace {

/// Cores in this process's affinity mask.
int allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/// The first number of OMP_NUM_THREADS; 0 where it is unset or not a number.
int threads_by_environment() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  return text == nullptr ? 0 : std::max(0, std::atoi(text));
}

}  // namespace

int threads_for_this_rank(int asked, const Communicator& communicator) {
  const int neighbours = communicator.ranks_on_host();
  if (asked > 0) return asked;
  if (const int set = threads_by_environment(); set > 0) return set;
  // Where ranks are bound to disjoint cores, the mask has no more than an equal share.
  const auto cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  return std::clamp(allowed_cores(), 1, std::max(1, cores / neighbours));
}

}  // namespace annmpi::comm
