#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <cuda_runtime.h>

#include "annmpi/device/gpu_device.hpp"

#include "device/cuda/runtime/event.hpp"

namespace annmpi::device::cuda {

/// Sums of numbers in the memory of GPUs over the ranks.
///
/// The sums that matter are exact (base/exact_sum, integers), so that every way of adding up gives
/// the same bits.
class DeviceSums {
 public:
  DeviceSums() = default;
  DeviceSums(const DeviceSums&) = delete;
  DeviceSums& operator=(const DeviceSums&) = delete;
  virtual ~DeviceSums() = default;

  /// For people: "NCCL 2.28.9".
  [[nodiscard]] virtual std::string description() const = 0;

  /// Adds up `size` numbers at `values`, element by element, in place, in the stream's order: after
  /// what it had to do so far, and before what it is given next. May return before that is done;
  /// then only wait() may wait for the stream, or for another one that waits for it. Collective.
  virtual void sum(double* values, std::size_t size, cudaStream_t stream) = 0;
  virtual void sum(std::int64_t* values, std::size_t size, cudaStream_t stream) = 0;

  /// Returns when the stream has done what it had to.
  /// @throws std::runtime_error if that failed, here or, as far as can be seen, on another rank.
  virtual void wait(cudaStream_t stream) = 0;
  /// Returns when the event is reached, of whatever stream. Throws in the same way.
  virtual void wait(const Event& event) = 0;
};

/// What computes and how it adds up, for people: "GPU 0 (...), sums by NCCL 2.28.9".
[[nodiscard]] inline std::string with_sums(const std::string& name, const DeviceSums& sums) {
  const std::string how = sums.description();
  return how.empty() ? name : name + ", sums by " + how;
}

/// The best way in which the GPUs of all ranks can add up: NCCL where each has a GPU of its own and
/// NCCL works between them, else MPI through host memory. Collective.
[[nodiscard]] std::unique_ptr<DeviceSums> make_device_sums(const device::Gpu& gpu,
                                                           const device::GpuRank& rank);

}  // namespace annmpi::device::cuda
