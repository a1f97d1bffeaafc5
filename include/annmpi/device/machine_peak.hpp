#pragma once

namespace annmpi::device {

/// What the CPU of this rank can do, by the SIMD target that the kernels use: the figures that
/// speeds are compared with.
struct MachinePeak {
  double gflops64 = 0;  ///< fused multiply-adds of doubles in registers, two operations each, 1e9/s
  double gflops32 = 0;  ///< of floats
  double read_gbytes = 0;  ///< doubles read from memory beyond the caches, 1e9 bytes/s; 0: no room
};

/// Measures it on so many threads at once, and adds up what each of them reaches; takes about a
/// tenth of a second. What other processes do meanwhile counts: ranks that measure at the same time
/// see what each of them has while the others work too.
[[nodiscard]] MachinePeak measure_machine_peak(int threads);

/// gflops64 of one thread at this moment, measured within half a millisecond: clocks wander.
[[nodiscard]] double gflops64_now();

}  // namespace annmpi::device
