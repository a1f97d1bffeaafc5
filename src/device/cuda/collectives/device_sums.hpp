#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <cuda_runtime.h>

#include "annmpi/device/gpu_device.hpp"

#include "device/cuda/runtime/event.hpp"

namespace annmpi::device::cuda {

/// All-reduce of numbers in device memory over the ranks.
///
/// Sums that affect results are exact (base/exact_sum, integers), so that every reduction order
/// gives the same bits.
class DeviceSums {
 public:
  DeviceSums() = default;
  DeviceSums(const DeviceSums&) = delete;
  DeviceSums& operator=(const DeviceSums&) = delete;
  virtual ~DeviceSums() = default;

  /// Text for messages: "NCCL 2.28.9".
  [[nodiscard]] virtual std::string description() const = 0;

  /// Sums `size` numbers at `values` over the ranks, element by element, in place and in stream
  /// order. May be asynchronous; then only wait() may synchronize the stream, or another one that
  /// waits for it. Collective.
  virtual void sum(double* values, std::size_t size, cudaStream_t stream) = 0;
  virtual void sum(std::int64_t* values, std::size_t size, cudaStream_t stream) = 0;

  /// Synchronizes the stream.
  /// @throws std::runtime_error if its work failed, here or, as far as can be seen, on another rank
  virtual void wait(cudaStream_t stream) = 0;
  /// Synchronizes with an event of any stream.
  /// @throws std::runtime_error as above
  virtual void wait(const Event& event) = 0;
};

/// Text for messages: the GPU and how it sums, "GPU 0 (...), sums by NCCL 2.28.9".
[[nodiscard]] inline std::string with_sums(const std::string& name, const DeviceSums& sums) {
  const std::string how = sums.description();
  return how.empty() ? name : name + ", sums by " + how;
}

/// NCCL if every rank has its own GPU and NCCL connects them, else MPI through host memory.
/// Collective.
[[nodiscard]] std::unique_ptr<DeviceSums> make_device_sums(const device::Gpu& gpu,
                                                           const device::GpuRank& rank);

/// This rank among those that share the rows of a batch.
struct BatchRank {
  int rank = 0;
  int size = 1;
};

/// Allgather in place: each rank has its part, and zeros elsewhere, and `bytes` bytes, a multiple
/// of 8, are summed as integers. Collective.
inline void allgather(void* memory, std::size_t bytes, DeviceSums& sums, cudaStream_t stream) {
  sums.sum(static_cast<std::int64_t*>(memory), bytes / sizeof(std::int64_t), stream);
}

}  // namespace annmpi::device::cuda
