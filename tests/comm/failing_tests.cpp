// Tests that fail on rank 1 only, in different ways; observed by test_mpi_main.
#include <array>
#include <stdexcept>

#include <gtest/gtest.h>

#include "annmpi/comm/communicator.hpp"

namespace annmpi::comm {
namespace {

void barrier() {
  std::array<double, 1> value{1};
  Communicator(MPI_COMM_WORLD).sum(value);
}

bool is_culprit() {
  return Communicator(MPI_COMM_WORLD).rank() == 1;
}

TEST(Sample, Passes) {
  barrier();
}

TEST(Sample, IsExpectedOtherwise) {
  EXPECT_FALSE(is_culprit());
  barrier();
}

TEST(Sample, CannotGoOn) {
  ASSERT_FALSE(is_culprit());
  barrier();
}

TEST(Sample, Throws) {
  if (is_culprit()) throw std::runtime_error("an index went astray");
  barrier();
}

}  // namespace
}  // namespace annmpi::comm
