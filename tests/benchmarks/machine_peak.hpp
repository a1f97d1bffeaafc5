#pragma once

namespace annmpi::benchmarks {

/// What one core of this machine can do, best of several runs, with the SIMD target that the
/// kernels use.
struct MachinePeak {
  double gflops64;  ///< fused multiply-adds of doubles from registers, two operations each, 1e9/s
  double gflops32;  ///< of floats
  double read_gbytes;  ///< doubles read from memory beyond the caches, 1e9 bytes/s
};

[[nodiscard]] MachinePeak measure_machine_peak();

}  // namespace annmpi::benchmarks
