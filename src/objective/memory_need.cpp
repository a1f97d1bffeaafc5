#include "annmpi/objective/memory_need.hpp"

#include <string>

#include "annmpi/base/error.hpp"
#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/comm/spare_memory.hpp"
#include "annmpi/data/row_source.hpp"

namespace annmpi::objective {

model::ShardMemory memory_of_rank(const model::Network& network, const data::DealtSets& sets,
                                  int rank, model::Carried carried) {
  const auto of = [&](const data::DealtSet& dealt, model::Carried its) {
    const std::uint64_t rows = dealt.partition.rows_of(rank).size();
    model::ShardMemory memory =
        model::shard_memory(network, rows, io::bytes_of(dealt.set.type), its);
    if (dealt.streamed)
      memory.features =
          data::streamed_feature_memory(dealt.set, rows, dealt.partition.chunk_rows());
    return memory;
  };
  model::ShardMemory memory = of(sets.training, carried);
  const auto others =  // trials are made on the training set alone
      carried == model::Carried::trial ? model::Carried::first_layer : carried;
  for (const auto& other : {sets.monitored, sets.test})
    if (other) memory = memory + of(*other, others);
  return memory;
}

model::ShardMemory most_memory_of_a_rank(const model::Network& network, const data::DealtSets& sets,
                                         int ranks, model::Carried carried) {
  model::ShardMemory most;
  for (int rank = 0; rank < ranks; ++rank) {
    const model::ShardMemory memory = memory_of_rank(network, sets, rank, carried);
    if (memory.total() > most.total()) most = memory;
  }
  return most;
}

void require_memory(const model::ShardMemory& needed, double limit,
                    const comm::Communicator& communicator) {
  const int neighbours = communicator.ranks_on_host();
  communicator.all_agree([&] {
    double available = limit;
    std::string why = "compute.cache_memory";
    if (limit == 0) {
      const auto spare = comm::spare_memory();
      if (!spare) return;
      available = static_cast<double>(*spare) / neighbours;
      why = fmt::format("its share of what the host has to spare, ranks there: {}", neighbours);
    }
    require(static_cast<double>(needed.total()) <= available,
            "rank {} on {}: needs {:.6g} MB for its rows, {:.6g} MB of features and {:.6g} MB of "
            "values carried along, but may have {:.6g} MB ({}); use more ranks or hosts, "
            "data.streaming = true, fewer hidden units in the first layer, or another "
            "compute.cache_memory",
            communicator.rank(), comm::host_name(), 1e-6 * static_cast<double>(needed.total()),
            1e-6 * static_cast<double>(needed.features), 1e-6 * static_cast<double>(needed.caches),
            1e-6 * available, why);
  });
}

}  // namespace annmpi::objective
