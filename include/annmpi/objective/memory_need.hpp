#pragma once

#include <functional>
#include <string>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/memory_plan.hpp"

namespace annmpi::objective {

/// What a rank is going to need for its rows of all sets; `plan` are those of the training set.
/// Features that are streamed are not transposed.
[[nodiscard]] device::ShardMemory memory_of_rank(const network::Network& network,
                                                 const data::DealtSets& sets, int rank,
                                                 const device::MemoryPlan& plan = {});

/// Of what all ranks are going to need, the most. Collective.
[[nodiscard]] device::ShardMemory most_memory_of_a_rank(const device::ShardMemory& mine,
                                                        const comm::Communicator& communicator);

/// What this rank may have: `limit` bytes, or where that is 0 its share of what its host has to
/// spare. Collective.
struct MemoryLimit {
  double bytes;
  std::string reason;  ///< for people
};
[[nodiscard]] MemoryLimit memory_limit(double limit, const comm::Communicator& communicator);

/// Requires that every rank may have what it needs. Collective.
/// @throws comm::AgreedError on all ranks where one may not.
void require_memory(const device::ShardMemory& needed, const MemoryLimit& limit,
                    const comm::Communicator& communicator);

/// What this rank's host needs for its rows, if it holds so much of them.
using MemoryNeed = std::function<device::ShardMemory(const device::MemoryPlan&)>;

/// What there is room for on all ranks: all that is wished for, or without transposed features.
/// Collective.
/// @throws comm::AgreedError on all ranks where one has no room for the rest.
[[nodiscard]] device::MemoryPlan fit_to_memory(const device::MemoryPlan& wished,
                                               const MemoryNeed& need, double limit,
                                               const comm::Communicator& communicator);

}  // namespace annmpi::objective
