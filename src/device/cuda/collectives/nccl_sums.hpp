#pragma once

#include <memory>
#include <string>

#include "device/cuda/collectives/device_sums.hpp"

namespace annmpi::device::cuda {

/// Sums by NCCL, or why there are none: the same on all ranks, but for the words.
struct NcclAttempt {
  std::unique_ptr<DeviceSums> sums;
  std::string trouble;
};

/// Connects the GPUs of all ranks, of which no two may be the same, and tries them out. Collective.
[[nodiscard]] NcclAttempt make_nccl_sums(const device::GpuRank& rank);

}  // namespace annmpi::device::cuda
