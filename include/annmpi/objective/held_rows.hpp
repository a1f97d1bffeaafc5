#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/data/local_set.hpp"

namespace annmpi::objective {

/// This rank's rows of a set, and facts of the whole.
struct HeldRows {
  data::LocalSet rows;
  data::Partition partition;
  std::uint64_t content_hash = 0;  ///< of all rows; the same for any number of ranks
  bool streamed = false;           ///< by all ranks: features stay in the file
};

/// Reads each rank's rows, or, where they are to be streamed, reads them once to check them. Calls
/// look(block) for all rows on the way, in one or more blocks. Collective.
/// @throws comm::AgreedError on all ranks if any rank finds its rows wrong or has no room for them.
[[nodiscard]] HeldRows read_rows(
    const data::DealtSet& dealt, const comm::Communicator& communicator,
    const std::function<void(const data::HostBlock& block)>& look = [](const data::HostBlock&) {});

/// Runs pass(), which goes through a rank's rows, and returns what it returns. Where they are
/// streamed, each rank may find that it can no longer read them, so all ranks agree afterwards:
/// collective then.
/// @throws comm::AgreedError on all ranks if one could not read its rows.
template <class Pass>
auto read_together(bool streamed, const comm::Communicator& communicator, Pass&& pass) {
  if (!streamed) return pass();
  return communicator.all_agree(std::forward<Pass>(pass));
}

}  // namespace annmpi::objective
