#pragma once

#include <functional>
#include <string>

#include "annmpi/comm/communicator.hpp"

namespace annmpi::comm {

/// Runs `program` between MPI_Init and MPI_Finalize and returns the status to leave main() with.
///
/// `program` returns its exit status. What it throws ends the job, and never hangs it:
///  - AgreedError, thrown by all ranks together, is printed once; the status is 2;
///  - anything else, on any rank, is printed with the rank and its host, and MPI_Abort takes the
///    other ranks down within seconds.
/// Only rank 0 returns a status other than 0, after all ranks have arrived at the end: mpirun
/// kills the others when one leaves early with an error.
int run_mpi_session(int& argc, char**& argv,
                    const std::function<int(const Communicator&)>& program);

/// The name of this machine.
[[nodiscard]] std::string host_name();

/// "Open MPI v4.1.4" or what the library says of itself, one line.
[[nodiscard]] std::string mpi_version();

}  // namespace annmpi::comm
