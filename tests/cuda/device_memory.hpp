#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/cuda/int8/byte_layout.cuh"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::tests {

/// A copy in the GPU's memory.
template <class T>
device::cuda::DeviceBuffer<T> on_device(const std::vector<T>& values) {
  device::cuda::DeviceBuffer<T> buffer(values.size());
  device::cuda::copy(values.data(), buffer.data(), values.size(), cudaMemcpyHostToDevice, nullptr);
  device::cuda::wait_for(nullptr);
  return buffer;
}

/// Back again, when the stream has done what it had to.
template <class T>
std::vector<T> on_host(const T* values, std::size_t size, cudaStream_t stream) {
  std::vector<T> copied(size);
  device::cuda::copy(values, copied.data(), size, cudaMemcpyDeviceToHost, stream);
  device::cuda::wait_for(stream);
  return copied;
}

/// Rows of bytes as kernels want them: behind each row zeros up to a multiple of 16.
struct DeviceRows {
  DeviceRows(const std::vector<std::uint8_t>& X, std::size_t rows, std::size_t columns) {
    const std::size_t stride = (columns + 15) / 16 * 16;
    std::vector<std::uint8_t> padded(rows * stride);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t c = 0; c < columns; ++c) padded[i * stride + c] = X[i * columns + c];
    memory = on_device(padded);
    view = {memory.data(), static_cast<long long>(rows), static_cast<int>(columns),
            static_cast<int>(stride)};
  }
  device::cuda::DeviceBuffer<std::uint8_t> memory;
  device::cuda::ByteRows view;
};

}  // namespace annmpi::tests
