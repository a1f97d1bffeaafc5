#pragma once

#include <cuda_runtime.h>

#include "device/cuda/runtime/check.hpp"

namespace annmpi::device::cuda {

/// Owns a CUDA event without timing.
class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "creating an event"); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }

  void record(cudaStream_t stream) { check(cudaEventRecord(event_, stream), "recording an event"); }
  /// Work enqueued afterwards in the stream waits for the event.
  void let_wait(cudaStream_t stream) const {
    check(cudaStreamWaitEvent(stream, event_, 0), "waiting for an event");
  }
  /// cudaSuccess if the event has completed, else cudaErrorNotReady or the error of earlier work.
  [[nodiscard]] cudaError_t state() const { return cudaEventQuery(event_); }
  /// Synchronizes with the event; returns at once if it was never recorded.
  void wait() const { check(cudaEventSynchronize(event_), "waiting for an event"); }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace annmpi::device::cuda
