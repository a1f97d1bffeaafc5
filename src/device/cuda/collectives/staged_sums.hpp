#pragma once

#include <memory>

#include "device/cuda/collectives/device_sums.hpp"

namespace annmpi::device::cuda {

/// Sums in host memory by the function that the program passes in (MPI). All calls must use one
/// stream.
/// @param why the reason for messages why NCCL is not used
[[nodiscard]] std::unique_ptr<DeviceSums> make_staged_sums(device::SumOverRanks sum,
                                                           std::string why);

}  // namespace annmpi::device::cuda
