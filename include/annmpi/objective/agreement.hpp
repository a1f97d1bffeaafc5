#pragma once

#include "annmpi/comm/communicator.hpp"
#include "annmpi/model/device.hpp"

/// What the ranks must have in common to compute together.
namespace annmpi::objective {

/// Requires sound arithmetic of every rank (base/arithmetic), and chooses the instructions that all
/// of them can run (model/instructions). Before the first device is made. Collective.
/// @throws comm::AgreedError on all ranks if one has no sound arithmetic, or if they are asked for
/// different instructions.
void agree_on_arithmetic(const comm::Communicator& communicator);

/// Requires that the devices of all ranks give the results of rank 0's
/// (model::Device::fingerprint). Before training. Collective.
/// @throws comm::AgreedError on all ranks if one differs; the message names its rank and host.
void require_equal_devices(const comm::Communicator& communicator, const model::Device& device);

}  // namespace annmpi::objective
