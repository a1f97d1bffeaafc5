#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <cuda_runtime.h>

#include "device/cuda/runtime/check.hpp"

namespace annmpi::device::cuda {

/// Owns a non-blocking CUDA stream.
class Stream {
 public:
  Stream() {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creating a stream");
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { cudaStreamDestroy(stream_); }

  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

/// Owns device memory, uninitialized.
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t size) : size_(size) {
    if (size == 0) return;
    T* memory = nullptr;
    check(cudaMalloc(&memory, size * sizeof(T)), "allocating memory");
    memory_.reset(memory);
  }

  [[nodiscard]] T* data() const { return memory_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Grows to at least `size` elements; the contents may be lost.
  void reserve(std::size_t size) {
    if (size <= size_) return;
    *this = DeviceBuffer();  // frees first, to lower the peak
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

/// Owns pinned host memory, to which kernels can write small results without a copy.
template <class T>
class PinnedBuffer {
 public:
  explicit PinnedBuffer(std::size_t size = 0) : size_(size) {
    if (size == 0) return;
    T* memory = nullptr;
    check(cudaHostAlloc(&memory, size * sizeof(T), cudaHostAllocDefault),
          "allocating pinned memory");
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

/// to[0, size) = from[0, size), in stream order.
template <class T>
void copy(const T* from, T* to, std::size_t size, cudaMemcpyKind kind, cudaStream_t stream) {
  if (size > 0) check(cudaMemcpyAsync(to, from, size * sizeof(T), kind, stream), "copying memory");
}

/// Synchronizes the stream.
inline void wait_for(cudaStream_t stream) {
  check(cudaStreamSynchronize(stream), "waiting for the GPU");
}

}  // namespace annmpi::device::cuda
