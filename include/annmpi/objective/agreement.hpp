#pragma once

#include <span>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/device/device.hpp"

/// Checks that all ranks compute the same bits.
namespace annmpi::objective {

/// Checks the arithmetic of every rank (base/arithmetic) and selects the instruction set that all
/// of them support (device/instructions). Call it before creating the first device. Collective.
/// @throws comm::AgreedError on all ranks if the check fails on one, or if ranks request different
/// instruction sets.
void agree_on_arithmetic(const comm::Communicator& communicator);

/// Requires equal fingerprints of all devices of one kind, GPU or CPU
/// (device::FullBatchDevice::fingerprint). Call it before training. Collective.
/// @throws comm::AgreedError on all ranks if one differs; the message names its rank and host.
void require_equal_devices(const comm::Communicator& communicator,
                           const device::FullBatchDevice& device, bool is_gpu);

/// Compares the hash of this rank's parameters with rank 0's. All ranks update them by the same
/// correctly rounded operations, so a difference means a hardware fault or a bug. `theta` is in
/// host memory. Collective.
/// @throws std::runtime_error only on the ranks that differ. The others continue until the error
/// aborts the job.
void require_equal_parameters(const comm::Communicator& communicator,
                              std::span<const double> theta);

}  // namespace annmpi::objective
