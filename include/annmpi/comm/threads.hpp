#pragma once

#include "annmpi/comm/communicator.hpp"

namespace annmpi::comm {

/// Number of threads for this rank: `asked` if it is not 0, else OMP_NUM_THREADS, else the cores
/// that the rank is bound to, but at most an equal share of its host's cores. Collective.
[[nodiscard]] int threads_for_this_rank(int asked, const Communicator& communicator);

}  // namespace annmpi::comm
