#include <string>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/comm/mpi_session.hpp"

#include "support/run_command.hpp"

// How a job ends if the parameters of one rank differ from the others'.
namespace annmpi::objective {
namespace {

using tests::Ending;
using tests::occurrences;

Ending job_that_forgets_at(const std::string& moment) {
  return tests::run_command(std::string(ANNMPI_MPIEXEC) + " 3 '" + ANNMPI_PARTED_PROGRAM + "' " +
                            moment);
}

/// Expects the rank with the wrong parameters to end the job, named, before `next` begins.
void expect_fault(const Ending& ending, const std::string& next) {
  EXPECT_EQ(ending.status, exit_status::fault) << ending.text;
  EXPECT_EQ(
      occurrences(ending.text, "annmpi: error: rank 2 on " + comm::host_name() +
                                   ": the parameters of this rank differ from those of rank 0"),
      1)
      << ending.text;
  EXPECT_EQ(occurrences(ending.text, next + "\n"), 0) << ending.text;
}

TEST(PartedJob, ASoundOneComesToItsEnd) {
  const Ending ending = job_that_forgets_at("never");
  EXPECT_EQ(ending.status, exit_status::success) << ending.text;
  EXPECT_EQ(occurrences(ending.text, "third\nend\n"), 1) << ending.text;
}

TEST(PartedJob, IsFoundWhereTheCostIsEvaluatedFromScratch) {
  expect_fault(job_that_forgets_at("evaluate"), "first");
}

TEST(PartedJob, IsFoundAtARefresh) {
  expect_fault(job_that_forgets_at("second"), "third");
}

TEST(PartedJob, ParametersAreNotReadBackBetweenRefreshes) {
  EXPECT_EQ(job_that_forgets_at("first").status, exit_status::success);
  EXPECT_EQ(job_that_forgets_at("third").status, exit_status::success);
}

}  // namespace
}  // namespace annmpi::objective
