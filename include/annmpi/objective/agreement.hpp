#pragma once

#include "annmpi/comm/communicator.hpp"

/// What the ranks must have in common before they compute together.
namespace annmpi::objective {

/// Requires sound arithmetic of every rank (base/arithmetic), and chooses the instructions that all
/// of them can run (model/instructions). Before the first device is made. Collective.
/// @throws comm::AgreedError on all ranks if one has no sound arithmetic, or if they are asked for
/// different instructions.
void agree_on_arithmetic(const comm::Communicator& communicator);

}  // namespace annmpi::objective
