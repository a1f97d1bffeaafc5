#pragma once

#include <string>
#include <vector>

namespace annmpi::tests {

/// A timed kernel: its name, and the microseconds between events before and after it, minus those
/// between two adjacent events.
struct TimedKernel {
  std::string name;
  double microseconds;
};

/// Starts timing of every kernel that the program's own code launches, which slows it down.
void time_kernels();
/// Stops timing, and returns the kernels timed since the start, in launch order.
[[nodiscard]] std::vector<TimedKernel> timed_kernels();

}  // namespace annmpi::tests
