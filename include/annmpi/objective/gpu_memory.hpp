#pragma once

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/gpu.hpp"
#include "annmpi/device/memory_plan.hpp"
#include "annmpi/objective/device_choice.hpp"

namespace annmpi::objective {

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

/// The memory plan of this rank, on its GPU or CPU. Checks host memory as in objective/memory_need,
/// and GPU memory, of which the ranks that share a GPU get equal shares. Collective.
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
