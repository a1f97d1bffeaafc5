#pragma once

#include <span>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/device/device.hpp"

/// What the ranks must have in common to compute together.
namespace annmpi::objective {

/// Requires sound arithmetic of every rank (base/arithmetic), and chooses the instructions that all
/// of them can run (device/instructions). Before the first device is made. Collective.
/// @throws comm::AgreedError on all ranks if one has no sound arithmetic, or if they are asked for
/// different instructions.
void agree_on_arithmetic(const comm::Communicator& communicator);

/// Requires that all devices of one kind, GPUs or CPUs, give the same results
/// (device::FullBatchDevice::fingerprint). Before training. Collective.
/// @throws comm::AgreedError on all ranks if one differs; the message names its rank and host.
void require_equal_devices(const comm::Communicator& communicator,
                           const device::FullBatchDevice& device, bool is_gpu);

/// Requires that the parameters of this rank are those of rank 0, by a hash. They are moved by the
/// same correctly rounded operations on every rank, so that nothing but a fault of the machine or
/// of the program parts them. `theta` is in host memory. Collective.
/// @throws std::runtime_error on the ranks that differ, and there alone: the others go on, and the
/// job ends as for any fault.
void require_equal_parameters(const comm::Communicator& communicator,
                              std::span<const double> theta);

}  // namespace annmpi::objective
