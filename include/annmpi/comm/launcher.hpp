#pragma once

namespace annmpi::comm {

/// Whether the launcher (mpirun, srun) started this process as rank 0, or no launcher started it.
/// Read from the environment, for what is printed once per job before MPI_Init or without it.
[[nodiscard]] bool launched_as_rank_0();

}  // namespace annmpi::comm
