#pragma once

#include <cuda_runtime.h>

#include "device/cuda/runtime/check.hpp"

namespace annmpi::device::cuda {

/// A point in what a stream has to do, for others to wait for: the last one that was recorded.
class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "making an event"); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }

  void record(cudaStream_t stream) { check(cudaEventRecord(event_, stream), "recording an event"); }
  /// What the stream is given from now on begins when that point is reached.
  void let_wait(cudaStream_t stream) const {
    check(cudaStreamWaitEvent(stream, event_, 0), "waiting for an event");
  }
  /// cudaSuccess if that point is reached, cudaErrorNotReady if it is not.
  [[nodiscard]] cudaError_t state() const { return cudaEventQuery(event_); }
  /// Returns when it is reached; at once where none was recorded.
  void wait() const { check(cudaEventSynchronize(event_), "waiting for an event"); }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace annmpi::device::cuda
