#pragma once

#include <functional>
#include <string>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/gpu.hpp"
#include "annmpi/device/memory_plan.hpp"
#include "annmpi/objective/device_choice.hpp"

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

/// GPU memory of a rank for its rows of all sets: the features (only the transfer blocks if they
/// are streamed) and the values computed from them.
[[nodiscard]] device::ShardMemory gpu_memory_of_rank(const network::Network& network,
                                                     const data::DealtSets& sets, int rank,
                                                     const device::MemoryPlan& plan);

/// Host memory of a rank that computes on a GPU. Sets are loaded one after the other through a few
/// blocks; streamed sets keep their blocks throughout the run.
[[nodiscard]] device::ShardMemory host_memory_beside_gpu(const network::Network& network,
                                                         const data::DealtSets& sets, int rank,
                                                         const device::MemoryPlan& plan);

/// Memory of this rank for its rows on the device that computes: GPU memory if it has a GPU, else
/// host memory.
[[nodiscard]] device::ShardMemory memory_in_use(const network::Network& network,
                                                const data::DealtSets& sets, int rank,
                                                const device::MemoryPlan& plan,
                                                const ChosenDevices& devices);

/// The memory plan of this rank, on its GPU or CPU. Checks host memory as above, and GPU memory, of
/// which the ranks that share a GPU get equal shares. Collective.
/// @throws comm::AgreedError on all ranks if one has too little memory.
[[nodiscard]] device::MemoryPlan fit_to_memory(const device::MemoryPlan& wished,
                                               const network::Network& network,
                                               const data::DealtSets& sets, double limit,
                                               const ChosenDevices& devices,
                                               const comm::Communicator& communicator);

/// Requires that each rank's share of free GPU memory holds `needed` and a fixed overhead for CUDA,
/// parameters and scratch memory. `gpu` is null on ranks without one. Collective.
/// @throws comm::AgreedError on all ranks if one has too little memory.
void require_gpu_memory(const device::ShardMemory& needed, const device::Gpu* gpu,
                        const comm::Communicator& communicator);

}  // namespace annmpi::objective
