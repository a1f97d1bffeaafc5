#pragma once

#include <memory>
#include <string>

#include "annmpi/model/batch_device.hpp"
#include "annmpi/model/gpu_device.hpp"

#include "cuda/batch/ranks.hpp"
#include "cuda/device_sums.hpp"

namespace annmpi::cuda {

/// model::BatchDevice on the GPU that CUDA presently works with. Features are of `type`; `name` is
/// for people.
/// @throws Error if its memory does not suffice
[[nodiscard]] std::unique_ptr<model::BatchDevice> make_cuda_batch_device(
    model::Network network, io::ElementType type, const model::BatchFacts& facts,
    const model::GpuOptions& options, BatchRank rank, std::unique_ptr<DeviceSums> sums,
    std::string name);

}  // namespace annmpi::cuda
