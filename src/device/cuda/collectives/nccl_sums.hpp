#pragma once

#include <memory>
#include <string>

#include "device/cuda/collectives/device_sums.hpp"

namespace annmpi::device::cuda {

/// Sums by NCCL, or the reason why there are none. All ranks agree, except on the text.
struct NcclAttempt {
  std::unique_ptr<DeviceSums> sums;
  std::string trouble;
};

/// Connects the GPUs of all ranks, one per rank, and verifies the sums. Collective.
[[nodiscard]] NcclAttempt make_nccl_sums(const device::GpuRank& rank);

}  // namespace annmpi::device::cuda
