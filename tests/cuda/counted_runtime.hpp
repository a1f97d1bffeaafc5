#pragma once

#include <string>
#include <vector>

namespace annmpi::tests {

/// A kernel that ran while kernels were timed: its name and the microseconds between an event
/// before it and one behind it, without those of an empty pair.
struct TimedKernel {
  std::string name;
  double microseconds;
};

/// From now on every kernel that the program's own code launches is timed, which slows it down.
void time_kernels();
/// Those since then, in their order; no more are timed.
[[nodiscard]] std::vector<TimedKernel> timed_kernels();

}  // namespace annmpi::tests
