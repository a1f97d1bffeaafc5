#include "annmpi/objective/held_rows.hpp"

#include <array>

#include "annmpi/io/hdf5.hpp"

namespace annmpi::objective {

HeldRows read_rows(const data::Dataset& set, const data::Partition& partition,
                   const comm::Communicator& communicator) {
  data::Shard shard = communicator.all_agree([&] {
    return data::read_shard(io::Hdf5File::open(set.path), set,
                            partition.rows_of(communicator.rank()));
  });
  std::array<std::uint64_t, 1> hash{data::content_hash(shard, partition.chunk_rows())};
  communicator.sum(hash);
  return {std::move(shard), partition, hash[0]};
}

double filled_share(const HeldRows& set, const comm::Communicator& communicator) {
  std::array<std::uint64_t, 1> filled{data::filled_features(set.shard)};
  communicator.sum(filled);
  return static_cast<double>(filled[0]) / static_cast<double>(set.partition.rows()) /
         static_cast<double>(set.shard.columns());
}

}  // namespace annmpi::objective
