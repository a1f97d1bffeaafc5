#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>

#include <cuda_runtime.h>

#include "device/cuda/runtime/memory.hpp"

namespace annmpi::tests {

/// GPU time of `work` in milliseconds, the best of several runs.
inline double best_ms(cudaStream_t stream, const std::function<void()>& work) {
  using device::cuda::check;
  cudaEvent_t begin = nullptr, end = nullptr;
  check(cudaEventCreate(&begin), "creating an event");
  check(cudaEventCreate(&end), "creating an event");
  work();
  double best = 1e300;
  for (int i = 0; i < 7; ++i) {
    check(cudaEventRecord(begin, stream), "recording an event");
    work();
    check(cudaEventRecord(end, stream), "recording an event");
    check(cudaEventSynchronize(end), "waiting for an event");
    float ms = 0;
    check(cudaEventElapsedTime(&ms, begin, end), "reading the time");
    best = std::min(best, static_cast<double>(ms));
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return best;
}

/// Bytes per second that this GPU reads and writes in a device-to-device copy.
inline double copied_bytes_per_second(cudaStream_t stream) {
  constexpr std::size_t size = std::size_t{1} << 30;
  const device::cuda::DeviceBuffer<std::uint8_t> from(size), to(size);
  const double ms = best_ms(stream, [&] {
    device::cuda::copy(from.data(), to.data(), size, cudaMemcpyDeviceToDevice, stream);
  });
  return 2e3 * static_cast<double>(size) / ms;
}

}  // namespace annmpi::tests
