#pragma once

#include "annmpi/network/network.hpp"

#include "device/cuda/layers/layer_shapes.cuh"

namespace annmpi::device::cuda {

/// @throws Error for more layers than the table has room for.
[[nodiscard]] LayerTable layer_table(const network::Network& network);

}  // namespace annmpi::device::cuda
