#include "annmpi/objective/memory_need.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "annmpi/base/error.hpp"
#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/comm/spare_memory.hpp"
#include "annmpi/data/batch_source.hpp"
#include "annmpi/data/local_set.hpp"
#include "annmpi/device/device_rows.hpp"

namespace annmpi::objective {
namespace {

/// Bytes for CUDA and its libraries, parameters and their sums, and scratch memory.
constexpr double overhead = 1e9;

/// Number of ranks that use this rank's GPU, itself included. Collective.
std::int64_t ranks_sharing(const device::Gpu* gpu, const comm::Communicator& communicator) {
  struct User {
    std::array<std::byte, 16> identity;
    bool uses_gpu;
  };
  const User mine{gpu != nullptr ? gpu->identity : std::array<std::byte, 16>{}, gpu != nullptr};
  return std::ranges::count_if(communicator.allgather(mine), [&](const User& user) {
    return user.uses_gpu && user.identity == mine.identity;
  });
}

template <class Use>
void for_each_set(const data::DealtSets& sets, Use&& use) {
  use(sets.training);
  if (sets.monitored) use(*sets.monitored);
  if (sets.test) use(*sets.test);
}

}  // namespace

device::ShardMemory memory_of_rank(const network::Network& network, const data::DealtSets& sets,
                                   int rank, const device::MemoryPlan& plan) {
  const auto of = [&](const data::DealtSet& dealt, device::MemoryPlan its) {
    if (dealt.streamed) its.transposed = false;
    const std::uint64_t rows = dealt.partition.rows_of(rank).size();
    device::ShardMemory memory =
        device::shard_memory(network, rows, io::bytes_of(dealt.set.type), its);
    if (dealt.streamed)
      memory.features = data::streamed_feature_memory(dealt.set, rows, dealt.rows_at_a_time());
    return memory;
  };
  device::ShardMemory memory = of(sets.training, plan);
  if (plan.batch_rows > 0)
    memory.features += data::batch_memory(sets.training, plan.batch_rows, rank);
  if (sets.training.streamed && plan.batches_to_gpu)
    memory.features +=
        device::staged_batch_memory(network, std::min(plan.batch_rows, sets.training.set.rows),
                                    io::bytes_of(sets.training.set.type));
  // Only the training set has trials and gradients.
  const device::MemoryPlan others{.carried = std::min(plan.carried, device::Carried::first_layer)};
  for (const auto& other : {sets.monitored, sets.test})
    if (other) memory = memory + of(*other, others);
  return memory;
}

device::ShardMemory most_memory_of_a_rank(const device::ShardMemory& mine,
                                          const comm::Communicator& communicator) {
  return std::ranges::max(communicator.allgather(mine), {}, &device::ShardMemory::total);
}

MemoryLimit memory_limit(double limit, const comm::Communicator& communicator) {
  const int neighbours = communicator.ranks_on_host();
  if (limit > 0) return {limit, "compute.cache_memory"};
  const auto spare = comm::spare_memory();
  if (!spare) return {std::numeric_limits<double>::infinity(), ""};
  return {
      static_cast<double>(*spare) / neighbours,
      fmt::format("its share of the memory available on the host; ranks there: {}", neighbours)};
}

void require_memory(const device::ShardMemory& needed, const MemoryLimit& limit,
                    const comm::Communicator& communicator) {
  communicator.all_agree([&] {
    require(static_cast<double>(needed.total()) <= limit.bytes,
            "rank {} on {}: too little memory (its rows need {:.6g} MB: {:.6g} MB of features and "
            "{:.6g} MB cached values; the limit is {:.6g} MB, {}); use more ranks or hosts, "
            "data.streaming = true, fewer hidden units in the first layer, or a higher "
            "compute.cache_memory",
            communicator.rank(), comm::host_name(), 1e-6 * static_cast<double>(needed.total()),
            1e-6 * static_cast<double>(needed.features), 1e-6 * static_cast<double>(needed.caches),
            1e-6 * limit.bytes, limit.reason);
  });
}

device::MemoryPlan fit_to_memory(const device::MemoryPlan& wished, const MemoryNeed& need,
                                 double limit, const comm::Communicator& communicator) {
  const MemoryLimit own = memory_limit(limit, communicator);
  device::MemoryPlan plan = wished;
  std::array<std::int64_t, 1> no_room{static_cast<double>(need(wished).total()) > own.bytes};
  communicator.max(std::span(no_room));
  if (no_room[0] != 0) plan.transposed = false;
  require_memory(need(plan), own, communicator);
  return plan;
}

void require_gpu_memory(const device::ShardMemory& needed, const device::Gpu* gpu,
                        const comm::Communicator& communicator) {
  const auto sharing = static_cast<double>(ranks_sharing(gpu, communicator));
  communicator.all_agree([&] {
    if (gpu == nullptr) return;
    const double available = static_cast<double>(gpu->free_memory) / sharing;
    require(
        static_cast<double>(needed.total()) + overhead <= available,
        "GPU {} ({}): too little memory (this rank needs {:.6g} MB for its rows, {:.6g} MB of it "
        "features and {:.6g} MB cached values or batches, plus {:.6g} MB of overhead; its share "
        "of free memory is {:.6g} MB; ranks on this GPU: {}); use more GPUs, fewer ranks per "
        "GPU, or fewer hidden units in the first layer",
        gpu->index, gpu->name, 1e-6 * static_cast<double>(needed.total()),
        1e-6 * static_cast<double>(needed.features), 1e-6 * static_cast<double>(needed.caches),
        1e-6 * overhead, 1e-6 * available, sharing);
  });
}

device::ShardMemory gpu_memory_of_rank(const network::Network& network, const data::DealtSets& sets,
                                       int rank, const device::MemoryPlan& plan) {
  device::ShardMemory memory;
  for_each_set(sets, [&](const data::DealtSet& dealt) {
    const std::uint64_t rows = dealt.partition.rows_of(rank).size();
    device::ShardMemory its = device::gpu_shard_memory(network, rows, dealt.set.type, plan.carried);
    if (dealt.streamed)
      its.features = device::streamed_blocks_on_gpu *
                     data::rows_of_block(rows, dealt.rows_at_a_time(), dealt.set.row_bytes()) *
                     device::gpu_row_bytes(dealt.set.row_bytes());
    memory = memory + its;
  });
  const data::Dataset& training = sets.training.set;
  if (plan.batch_rows > 0)
    memory.caches += device::gpu_batch_memory(network, std::min(plan.batch_rows, training.rows),
                                              io::bytes_of(training.type));
  return memory;
}

device::ShardMemory host_memory_beside_gpu(const network::Network& network,
                                           const data::DealtSets& sets, int rank,
                                           const device::MemoryPlan& plan) {
  if (sets.training.streamed)
    return memory_of_rank(network, sets, rank,
                          {.carried = device::Carried::nothing,
                           .batch_rows = plan.batch_rows,
                           .batches_to_gpu = true});
  std::uint64_t most = 0;
  for_each_set(sets, [&](const data::DealtSet& dealt) {
    const device::RowsToCome rows{dealt.set, dealt.partition.rows_of(rank),
                                  dealt.partition.chunk_rows()};
    most = std::max(most, device::memory_on_the_way(rows));
  });
  return {most, 0};
}

device::ShardMemory memory_in_use(const network::Network& network, const data::DealtSets& sets,
                                  int rank, const device::MemoryPlan& plan,
                                  const ChosenDevices& devices) {
  return devices.gpu ? gpu_memory_of_rank(network, sets, rank, plan)
                     : memory_of_rank(network, sets, rank, plan);
}

device::MemoryPlan fit_to_memory(const device::MemoryPlan& wished, const network::Network& network,
                                 const data::DealtSets& sets, double limit,
                                 const ChosenDevices& devices,
                                 const comm::Communicator& communicator) {
  const int rank = communicator.rank();
  const auto need = [&](const device::MemoryPlan& plan) {
    return devices.gpu ? host_memory_beside_gpu(network, sets, rank, plan)
                       : memory_of_rank(network, sets, rank, plan);
  };
  const device::MemoryPlan on_cpu = fit_to_memory(wished, need, limit, communicator);
  if (devices.gpus == 0) return on_cpu;
  // Only CPUs keep trial values and transposed features.
  const device::MemoryPlan on_gpu{.carried = std::min(wished.carried, device::Carried::first_layer),
                                  .batch_rows = wished.batch_rows,
                                  .batches_to_gpu = true};
  require_gpu_memory(
      devices.gpu ? gpu_memory_of_rank(network, sets, rank, on_gpu) : device::ShardMemory{},
      devices.gpu ? &devices.gpu->gpu : nullptr, communicator);
  return devices.gpu ? on_gpu : on_cpu;
}

}  // namespace annmpi::objective
