#pragma once

#include "annmpi/comm/communicator.hpp"

namespace annmpi::comm {

/// How many threads this rank should compute with: `asked` if that is not 0, or else what
/// OMP_NUM_THREADS says, or else this rank's part of its host: the cores it is bound to, or an
/// equal share where all ranks of the host may use the same cores. Collective.
[[nodiscard]] int threads_for_this_rank(int asked, const Communicator& communicator);

}  // namespace annmpi::comm
