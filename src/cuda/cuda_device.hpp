#pragma once

#include <memory>
#include <string>

#include "annmpi/model/gpu_device.hpp"

#include "cuda/device_sums.hpp"

namespace annmpi::cuda {

/// model::Device on the GPU that CUDA presently works with; `name` is for people. Sums of gradients
/// are exact whatever `options.deterministic` says: plain ones would cost as much.
/// @throws Error if the network is not one for a GPU, or its memory does not suffice
[[nodiscard]] std::unique_ptr<model::Device> make_cuda_device(model::Network network,
                                                              std::unique_ptr<DeviceSums> sums,
                                                              const model::GpuOptions& options,
                                                              std::string name);

}  // namespace annmpi::cuda
