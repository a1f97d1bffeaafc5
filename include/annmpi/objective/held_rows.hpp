#pragma once

#include <cstdint>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dataset.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/data/shard.hpp"

namespace annmpi::objective {

/// This rank's rows of a set, in host memory, and facts of the whole.
struct HeldRows {
  data::Shard shard;
  data::Partition partition;
  std::uint64_t content_hash = 0;  ///< of all rows; the same for any number of ranks
};

/// Reads each rank's rows, in chunks of `partition`. Collective.
/// @throws comm::AgreedError on all ranks if any rank finds its rows wrong or has no room for them.
[[nodiscard]] HeldRows read_rows(const data::Dataset& set, const data::Partition& partition,
                                 const comm::Communicator& communicator);

/// The share of all features of the set that are not 0. Collective.
[[nodiscard]] double filled_share(const HeldRows& set, const comm::Communicator& communicator);

}  // namespace annmpi::objective
