#pragma once

#include <utility>

#include "annmpi/base/memory_use.hpp"
#include "annmpi/base/phase_times.hpp"

namespace annmpi {

/// Time and memory that a run takes on this rank.
struct RunMeter {
  PhaseTimes times;
  MemoryUse memory;

  RunMeter() { memory.note(Moment::start); }

  /// Runs `work`, books its time to `phase`, and then notes the memory in use.
  template <class Work>
  void measure(Phase phase, Moment after, Work&& work) {
    times.measure(phase, std::forward<Work>(work));
    memory.note(after);
  }
};

}  // namespace annmpi
