#pragma once

#include <cuda_runtime.h>

namespace annmpi::network {
struct Network;
}

namespace annmpi::device::cuda {

/// One layer: rows of [b | W] at `offset` of theta.
struct LayerShape {
  int inputs;
  int outputs;
  long long offset;
  int first_unit;  ///< count of units in the layers below

  __host__ __device__ int row_length() const { return inputs + 1; }
};

/// The layers of a network, passed to kernels by value.
struct LayerTable {
  static constexpr unsigned most = 32;
  unsigned count;
  int units;  ///< of all layers
  long long parameters;
  LayerShape layers[most];
  bool keeps_arguments = false;  ///< backward passes read pre-activations of hidden layers

  /// Offset of the second layer in theta.
  __host__ __device__ long long first_upper() const {
    return static_cast<long long>(layers[0].outputs) * layers[0].row_length();
  }
  __host__ __device__ long long upper_parameters() const { return parameters - first_upper(); }

  /// Whether this element of theta is a bias.
  __device__ bool is_bias(long long element) const {
    unsigned l = 0;
    while (l + 1 < count && element >= layers[l + 1].offset) ++l;
    return (element - layers[l].offset) % layers[l].row_length() == 0;
  }
};

/// @throws Error for more than LayerTable::most layers
[[nodiscard]] LayerTable layer_table(const network::Network& network);

}  // namespace annmpi::device::cuda
