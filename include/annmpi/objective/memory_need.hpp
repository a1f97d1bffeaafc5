#pragma once

#include <functional>
#include <string>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/memory_plan.hpp"

namespace annmpi::objective {

/// Host memory of a rank for its rows of all sets. `plan` applies to the training set; streamed
/// features are never transposed.
[[nodiscard]] device::ShardMemory memory_of_rank(const network::Network& network,
                                                 const data::DealtSets& sets, int rank,
                                                 const device::MemoryPlan& plan = {});

/// The largest need of any rank. Collective.
[[nodiscard]] device::ShardMemory most_memory_of_a_rank(const device::ShardMemory& mine,
                                                        const comm::Communicator& communicator);

/// Host memory that this rank may use.
struct MemoryLimit {
  double bytes;
  std::string reason;  ///< for messages
};
/// `limit` bytes, or if that is 0 this rank's share of the memory available on its host.
/// Collective.
[[nodiscard]] MemoryLimit memory_limit(double limit, const comm::Communicator& communicator);

/// Requires on every rank that `needed` is within `limit`. Collective.
/// @throws comm::AgreedError on all ranks if one exceeds its limit.
void require_memory(const device::ShardMemory& needed, const MemoryLimit& limit,
                    const comm::Communicator& communicator);

/// Host memory that this rank needs under a plan.
using MemoryNeed = std::function<device::ShardMemory(const device::MemoryPlan&)>;

/// The requested plan if it fits on all ranks, else the plan without transposed features.
/// Collective.
/// @throws comm::AgreedError on all ranks if that does not fit on one.
[[nodiscard]] device::MemoryPlan fit_to_memory(const device::MemoryPlan& wished,
                                               const MemoryNeed& need, double limit,
                                               const comm::Communicator& communicator);

}  // namespace annmpi::objective
