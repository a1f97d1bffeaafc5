#pragma once

#include <cstddef>
#include <span>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/model/shard_memory.hpp"

namespace annmpi::objective {

/// A data set that the ranks are going to hold.
struct HeldSet {
  data::Partition partition;
  std::size_t feature_bytes = 1;  ///< of one feature, as stored
};

/// What a rank is going to need for its rows of these sets.
[[nodiscard]] model::ShardMemory memory_of_rank(const model::Network& network,
                                                std::span<const HeldSet> sets, int rank);

/// The same of the rank that needs most.
[[nodiscard]] model::ShardMemory most_memory_of_a_rank(const model::Network& network,
                                                       std::span<const HeldSet> sets, int ranks);

/// Requires that every rank may have what it needs: `limit` bytes, or where that is 0 its share of
/// what its host has to spare. Nothing else depends on either. Collective.
/// @throws comm::AgreedError on all ranks where one may not.
void require_memory(const model::ShardMemory& needed, double limit,
                    const comm::Communicator& communicator);

}  // namespace annmpi::objective
