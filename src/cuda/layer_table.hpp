#pragma once

#include "annmpi/model/network.hpp"

#include "cuda/kernels/layers.cuh"

namespace annmpi::cuda {

/// @throws Error for more layers than the table has room for.
[[nodiscard]] LayerTable layer_table(const model::Network& network);

}  // namespace annmpi::cuda
