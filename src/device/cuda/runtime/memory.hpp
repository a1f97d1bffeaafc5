#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <cuda_runtime.h>

#include "device/cuda/runtime/check.hpp"

namespace annmpi::device::cuda {

/// What the GPU is given to do, one after the other.
class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a stream"); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { cudaStreamDestroy(stream_); }

  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

/// Numbers in the GPU's memory, not set to anything.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t size) : size_(size) {
    if (size == 0) return;
    T* memory = nullptr;
    check(cudaMalloc(&memory, size * sizeof(T)), "reserving memory");
    memory_.reset(memory);
  }

  [[nodiscard]] T* data() const { return memory_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Makes room for so many numbers; what was there may be lost.
  void reserve(std::size_t size) {
    if (size <= size_) return;
    *this = DeviceBuffer();  // not both at a time
    *this = DeviceBuffer(size);
  }

  void clear(cudaStream_t stream) {
    if (size_ > 0) check(cudaMemsetAsync(data(), 0, size_ * sizeof(T), stream), "clearing memory");
  }

 private:
  struct Free {
    void operator()(T* memory) const { cudaFree(memory); }
  };
  std::unique_ptr<T, Free> memory_;
  std::size_t size_ = 0;
};

/// Numbers in the host's memory where the GPU can reach them: kernels write their few results
/// there, without a copy of its own.
template <class T>
class PinnedBuffer {
 public:
  explicit PinnedBuffer(std::size_t size = 0) : size_(size) {
    if (size == 0) return;
    T* memory = nullptr;
    check(cudaHostAlloc(&memory, size * sizeof(T), cudaHostAllocDefault),
          "reserving memory that both sides reach");
    memory_.reset(memory);
  }

  [[nodiscard]] T* data() const { return memory_.get(); }
  [[nodiscard]] std::span<const T> values() const { return {memory_.get(), size_}; }

  void reserve(std::size_t size) {
    if (size > size_) *this = PinnedBuffer(size);
  }

 private:
  struct Free {
    void operator()(T* memory) const { cudaFreeHost(memory); }
  };
  std::unique_ptr<T, Free> memory_;
  std::size_t size_ = 0;
};

/// to[0, size) = from[0, size) in the stream's order.
template <class T>
void copy(const T* from, T* to, std::size_t size, cudaMemcpyKind kind, cudaStream_t stream) {
  if (size > 0) check(cudaMemcpyAsync(to, from, size * sizeof(T), kind, stream), "copying memory");
}

/// Returns when the stream has done what it had to.
inline void wait_for(cudaStream_t stream) {
  check(cudaStreamSynchronize(stream), "waiting for the GPU");
}

}  // namespace annmpi::device::cuda
