#pragma once

#include <mpi.h>

#include "annmpi/comm/communicator.hpp"

namespace annmpi::tests {

/// All ranks of the test.
inline comm::Communicator world() {
  return comm::Communicator(MPI_COMM_WORLD);
}

}  // namespace annmpi::tests
