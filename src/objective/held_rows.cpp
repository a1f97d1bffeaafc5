#include "annmpi/objective/held_rows.hpp"

#include <array>

#include "annmpi/io/hdf5.hpp"

namespace annmpi::objective {

HeldRows read_rows(const data::DealtSet& dealt, const comm::Communicator& communicator,
                   const std::function<void(const data::Shard& block)>& look) {
  const auto& [set, partition, streamed, chunks_at_a_time] = dealt;
  std::array<std::uint64_t, 1> hash{0};
  data::RowSource source = communicator.all_agree([&] {
    const io::Hdf5File file = io::Hdf5File::open(set.path);
    const data::Range own = partition.rows_of(communicator.rank());
    data::RowSource rows = streamed ? data::RowSource(file, set, own, dealt.rows_at_a_time())
                                    : data::RowSource(data::read_shard(file, set, own));
    rows.for_each_block([&](const data::Shard& block) {
      if (streamed) data::require_finite_features(block, set);
      hash[0] += data::content_hash(block, partition.chunk_rows());
      look(block);
    });
    return rows;
  });
  communicator.sum(hash);
  return {std::move(source), partition, hash[0], streamed};
}

}  // namespace annmpi::objective
