#pragma once

#include "annmpi/device/gpu.hpp"

namespace annmpi::device {

/// Compares loss, slope and gradient of a small network over synthetic rows of bytes between the
/// GPU and this rank's CPU, in both precisions. Returns `found`; if the GPU fails, or the results
/// differ by more than rounding errors, `trouble` says so.
[[nodiscard]] FoundGpu tested(FoundGpu found);

}  // namespace annmpi::device
