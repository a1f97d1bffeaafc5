// Ends an MPI session in the way that its argument names; observed by test_mpi_session.
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "annmpi/comm/mpi_session.hpp"

namespace {

using annmpi::comm::Communicator;

/// A rank that waits for another one that never arrives.
int wait_for_the_others(const Communicator& world) {
  std::array<double, 1> value{1};
  world.sum(value);
  return 0;
}

int end(const std::string& way, const Communicator& world) {
  const bool culprit = world.rank() == world.size() - 1;
  if (way == "status") return std::stoi(std::getenv("ANNMPI_TEST_STATUS"));
  if (way == "status-differs") return world.is_root() ? 0 : 9;
  if (way == "agreed")
    world.all_agree([&] { annmpi::require(!culprit, "part.h5: is damaged; repair it"); });
  if (way == "error" && culprit) throw annmpi::Error("part.h5: is damaged; repair it");
  if (way == "exception" && culprit) throw std::runtime_error("an index went astray");
  if (way == "unknown" && culprit) throw 7;  // NOLINT: no std::exception
  return wait_for_the_others(world);
}

}  // namespace

int main(int argc, char** argv) {
  return annmpi::comm::run_mpi_session(
      argc, argv, [&](const Communicator& world) { return end(argc > 1 ? argv[1] : "", world); });
}
