#pragma once

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/model/shard_memory.hpp"

namespace annmpi::objective {

/// What a rank is going to need for its rows of all sets; `carried` for those of the training set.
[[nodiscard]] model::ShardMemory memory_of_rank(
    const model::Network& network, const data::DealtSets& sets, int rank,
    model::Carried carried = model::Carried::first_layer);

/// The same of the rank that needs most.
[[nodiscard]] model::ShardMemory most_memory_of_a_rank(
    const model::Network& network, const data::DealtSets& sets, int ranks,
    model::Carried carried = model::Carried::first_layer);

/// Requires that every rank may have what it needs: `limit` bytes, or where that is 0 its share of
/// what its host has to spare. Nothing else depends on either. Collective.
/// @throws comm::AgreedError on all ranks where one may not.
void require_memory(const model::ShardMemory& needed, double limit,
                    const comm::Communicator& communicator);

}  // namespace annmpi::objective
