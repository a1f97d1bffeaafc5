#pragma once

#include <cuda_runtime.h>

namespace annmpi::device::cuda::mini_batch {

/// Offsets of a layer's parameters in elements, all multiples of 8: W [outputs, pitch] padded with
/// zeros, then b [outputs].
struct LayerPlace {
  int inputs;
  int outputs;
  int pitch;
  long long weights;
  long long biases;
  long long theta;  ///< of the rows of [b | W] in theta

  __host__ __device__ long long weight(int unit, int input) const {
    return weights + static_cast<long long>(unit) * pitch + input;
  }
  /// Elements of the layer's rows of [b | W], and where element i of them lies.
  __host__ __device__ long long size() const {
    return static_cast<long long>(outputs) * (inputs + 1);
  }
  __host__ __device__ long long element(long long i) const {
    const int row_length = inputs + 1;
    const auto unit = static_cast<int>(i / row_length);
    const auto column = static_cast<int>(i % row_length);
    return column == 0 ? biases + unit : weight(unit, column - 1);
  }
};

/// Elements of a row, padded to a multiple of 8.
[[nodiscard]] constexpr int padded(int elements) {
  return (elements + 7) / 8 * 8;
}

}  // namespace annmpi::device::cuda::mini_batch
