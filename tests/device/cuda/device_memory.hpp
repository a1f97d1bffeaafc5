#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/cuda/rows/features.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::tests {

/// Copies values to device memory.
template <class T>
device::cuda::DeviceBuffer<T> on_device(const std::vector<T>& values) {
  device::cuda::DeviceBuffer<T> buffer(values.size());
  device::cuda::copy(values.data(), buffer.data(), values.size(), cudaMemcpyHostToDevice, nullptr);
  device::cuda::wait_for(nullptr);
  return buffer;
}

/// Copies values back, in stream order, and synchronizes.
template <class T>
std::vector<T> on_host(const T* values, std::size_t size, cudaStream_t stream) {
  std::vector<T> copied(size);
  device::cuda::copy(values, copied.data(), size, cudaMemcpyDeviceToHost, stream);
  device::cuda::wait_for(stream);
  return copied;
}

/// Bytes in device memory, each row padded with zeros to a multiple of 16.
struct DeviceBytes {
  DeviceBytes(const std::vector<std::uint8_t>& X, std::size_t rows, std::size_t columns) {
    const std::size_t stride = (columns + 15) / 16 * 16;
    std::vector<std::uint8_t> padded(rows * stride);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t c = 0; c < columns; ++c) padded[i * stride + c] = X[i * columns + c];
    memory = on_device(padded);
    features = {io::ElementType::uint8,       memory.data(),
                static_cast<long long>(rows), static_cast<int>(columns),
                static_cast<int>(stride),     static_cast<long long>(rows)};
  }
  device::cuda::DeviceBuffer<std::uint8_t> memory;
  device::cuda::Features features;
};

}  // namespace annmpi::tests
