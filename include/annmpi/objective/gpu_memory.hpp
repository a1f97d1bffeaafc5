#pragma once

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/model/gpu.hpp"
#include "annmpi/model/shard_memory.hpp"
#include "annmpi/objective/device_choice.hpp"

namespace annmpi::objective {

/// What this rank has room for where ranks may compute on GPUs (objective/memory_need says what is
/// asked of CPUs). A rank with a GPU needs the host for the features alone, as it reads them; the
/// GPU holds everything, and those who use it have equal shares of what is free there. Collective.
/// @throws comm::AgreedError on all ranks where one has no room.
[[nodiscard]] model::Holdings affordable(const model::Holdings& wished,
                                         const model::Network& network, const data::DealtSets& sets,
                                         double limit, const ChosenDevices& devices,
                                         const comm::Communicator& communicator);

/// Requires of every rank with a GPU that its share of it has room for so much, and for what is
/// needed beside rows; null for ranks without. Collective.
/// @throws comm::AgreedError on all ranks where one has no room.
void require_gpu_memory(const model::ShardMemory& needed, const model::Gpu* gpu,
                        const comm::Communicator& communicator);

}  // namespace annmpi::objective
