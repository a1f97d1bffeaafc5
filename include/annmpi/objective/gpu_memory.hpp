#pragma once

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/gpu.hpp"
#include "annmpi/device/memory_plan.hpp"
#include "annmpi/objective/device_choice.hpp"

namespace annmpi::objective {

/// What a rank with a GPU holds there for its rows of all sets: all of them, or where they are
/// streamed the blocks that they pass through; and what is computed of them.
[[nodiscard]] device::ShardMemory gpu_memory_of_rank(const network::Network& network,
                                                     const data::DealtSets& sets, int rank,
                                                     const device::MemoryPlan& plan);

/// What such a rank needs in its host's memory. Rows pass through it in a few blocks, once, a set
/// after the other, or where they are streamed again and again.
[[nodiscard]] device::ShardMemory host_memory_beside_gpu(const network::Network& network,
                                                         const data::DealtSets& sets, int rank,
                                                         const device::MemoryPlan& plan);

/// What this rank holds for its rows where it works on them: on its GPU, or without one in the
/// host's memory.
[[nodiscard]] device::ShardMemory memory_in_use(const network::Network& network,
                                                const data::DealtSets& sets, int rank,
                                                const device::MemoryPlan& plan,
                                                const ChosenDevices& devices);

/// What this rank has room for where ranks may compute on GPUs (objective/memory_need says what is
/// asked of CPUs). Those who use a GPU have equal shares of what is free there. Collective.
/// @throws comm::AgreedError on all ranks where one has no room.
[[nodiscard]] device::MemoryPlan fit_to_memory(const device::MemoryPlan& wished,
                                               const network::Network& network,
                                               const data::DealtSets& sets, double limit,
                                               const ChosenDevices& devices,
                                               const comm::Communicator& communicator);

/// Requires of every rank with a GPU that its share of it has room for so much, and for what is
/// needed beside rows; null for ranks without. Collective.
/// @throws comm::AgreedError on all ranks where one has no room.
void require_gpu_memory(const device::ShardMemory& needed, const device::Gpu* gpu,
                        const comm::Communicator& communicator);

}  // namespace annmpi::objective
