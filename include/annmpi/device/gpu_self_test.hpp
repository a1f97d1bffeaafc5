#pragma once

#include "annmpi/device/gpu.hpp"

namespace annmpi::device {

/// Has a GPU that was found compute what this rank's CPU computes too: loss, slope and gradient of
/// a small network over made-up rows of bytes, in both precisions. Returns what was found; where
/// the GPU fails, or its numbers differ by more than roundings, with that as its trouble.
[[nodiscard]] FoundGpu tested(FoundGpu found);

}  // namespace annmpi::device
