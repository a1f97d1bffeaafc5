#pragma once

#include <memory>
#include <string>

#include "annmpi/device/gpu_device.hpp"
#include "annmpi/device/mini_batch_device.hpp"

#include "device/cuda/collectives/device_sums.hpp"

namespace annmpi::device::cuda {

/// device::MiniBatchDevice on the current CUDA device. Features are of `type`; `name` appears in
/// messages.
/// @throws Error if device memory does not suffice
[[nodiscard]] std::unique_ptr<device::MiniBatchDevice> make_cuda_mini_batch_device(
    network::Network network, io::ElementType type, const device::BatchFacts& facts,
    const device::DeviceOptions& options, BatchRank rank, std::unique_ptr<DeviceSums> sums,
    std::string name);

}  // namespace annmpi::device::cuda
