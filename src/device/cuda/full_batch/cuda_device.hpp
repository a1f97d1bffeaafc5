#pragma once

#include <memory>
#include <string>

#include "annmpi/device/gpu_device.hpp"

#include "device/cuda/collectives/device_sums.hpp"

namespace annmpi::device::cuda {

/// device::FullBatchDevice on the GPU that CUDA presently works with; `name` is for people. Sums of
/// gradients are exact whatever `options.deterministic` says: plain ones would cost as much.
/// @throws Error if the network is not one for a GPU, or its memory does not suffice
[[nodiscard]] std::unique_ptr<device::FullBatchDevice> make_cuda_device(
    network::Network network, std::unique_ptr<DeviceSums> sums, const device::GpuOptions& options,
    std::string name);

}  // namespace annmpi::device::cuda
