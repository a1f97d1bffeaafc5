#pragma once

#include <memory>

#include "cuda/device_sums.hpp"

namespace annmpi::cuda {

/// Adds up in host memory, by what the program hands in (MPI). All calls must be of one stream.
/// @param why for people: why not in a better way
[[nodiscard]] std::unique_ptr<DeviceSums> make_staged_sums(model::SumOverRanks sum,
                                                           std::string why);

}  // namespace annmpi::cuda
