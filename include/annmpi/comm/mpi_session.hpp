#pragma once

#include <functional>
#include <string>

#include "annmpi/comm/communicator.hpp"

namespace annmpi::comm {

/// Runs `program` between MPI_Init and MPI_Finalize and returns the exit status for main().
///
/// `program` returns its exit status. An exception ends the job and never hangs it:
///  - AgreedError, thrown by all ranks together, is printed once; the status is 2;
///  - anything else, on any rank, is printed with the rank and its host, and MPI_Abort ends the
///    other ranks within seconds.
/// Only rank 0 returns a status other than 0, after all ranks have arrived at the end: mpirun
/// kills the others if one exits early with an error.
int run_mpi_session(int& argc, char**& argv,
                    const std::function<int(const Communicator&)>& program);

/// The name of this machine.
[[nodiscard]] std::string host_name();

/// The version that the MPI library reports, one line: "Open MPI v4.1.4".
[[nodiscard]] std::string mpi_version();

/// Whether the launcher (mpirun, srun) started this process as rank 0, or no launcher started it.
/// Read from the environment, for what is printed once per job before MPI_Init or without it.
[[nodiscard]] bool launched_as_rank_0();

}  // namespace annmpi::comm
