#pragma once

namespace annmpi::device {

/// Peak speeds of this rank's CPU with the SIMD target of the kernels, as the reference for
/// measured speeds.
struct MachinePeak {
  double gflops64 = 0;  ///< fused multiply-adds of doubles in registers, two operations each, 1e9/s
  double gflops32 = 0;  ///< of floats
  double read_gbytes = 0;  ///< doubles read from memory beyond the caches, 1e9 bytes/s; 0: no room
};

/// Measures the sum of the speeds of `threads` concurrent threads in about a tenth of a second.
/// Load from other processes lowers the result: if all ranks of a host measure at the same time,
/// each gets its share.
[[nodiscard]] MachinePeak measure_machine_peak(int threads);

/// The current gflops64 of one thread, measured in half a millisecond, as clock rates vary.
[[nodiscard]] double gflops64_now();

}  // namespace annmpi::device
