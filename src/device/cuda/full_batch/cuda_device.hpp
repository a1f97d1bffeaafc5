#pragma once

#include <memory>
#include <string>

#include "annmpi/device/gpu_device.hpp"

#include "device/cuda/collectives/device_sums.hpp"

namespace annmpi::device::cuda {

/// device::FullBatchDevice on the current CUDA device; `name` appears in messages. Gradient sums
/// are exact whatever `options.deterministic` is: inexact ones would not be cheaper.
/// @throws Error if the network is not supported on GPUs, or device memory does not suffice
[[nodiscard]] std::unique_ptr<device::FullBatchDevice> make_cuda_device(
    network::Network network, std::unique_ptr<DeviceSums> sums,
    const device::DeviceOptions& options, std::string name);

}  // namespace annmpi::device::cuda
