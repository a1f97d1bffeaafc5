#include "annmpi/objective/memory_need.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "annmpi/base/error.hpp"
#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/comm/spare_memory.hpp"
#include "annmpi/data/batch_source.hpp"
#include "annmpi/data/local_set.hpp"

namespace annmpi::objective {

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
    require(
        static_cast<double>(needed.total()) <= limit.bytes,
        "rank {} on {}: too little memory (its rows need {:.6g} MB, {:.6g} MB of it features and "
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

}  // namespace annmpi::objective
