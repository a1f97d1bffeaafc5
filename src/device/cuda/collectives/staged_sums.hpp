#pragma once

#include <memory>

#include "device/cuda/collectives/device_sums.hpp"

namespace annmpi::device::cuda {

/// Adds up in host memory, by what the program hands in (MPI). All calls must be of one stream.
/// @param why for people: why not in a better way
[[nodiscard]] std::unique_ptr<DeviceSums> make_staged_sums(device::SumOverRanks sum,
                                                           std::string why);

}  // namespace annmpi::device::cuda
