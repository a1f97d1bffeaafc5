#include <string>

#include <gtest/gtest.h>

#include "annmpi/comm/mpi_session.hpp"

#include "support/run_command.hpp"

// Exit statuses and output of whole jobs.
namespace annmpi::comm {
namespace {

using tests::Ending;
using tests::occurrences;
using tests::run_command;

Ending end_job(int ranks, const std::string& way, const std::string& environment = "") {
  return run_command(environment + " " + ANNMPI_MPIEXEC + " " + std::to_string(ranks) + " '" +
                     ANNMPI_SESSION_PROGRAM + "' " + way);
}

/// A failing rank ends the job; a hang would last until the test is killed.
constexpr double seconds_until_a_job_counts_as_hung = 60;

TEST(MpiSession, LeavesWithTheStatusOfTheProgram) {
  const Ending failed = end_job(1, "status", "ANNMPI_TEST_STATUS=3");
  EXPECT_EQ(failed.status, exit_status::line_search_failed) << failed.text;
  EXPECT_EQ(occurrences(failed.text, "annmpi: error"), 0) << failed.text;
  const Ending stopped = end_job(3, "status", "ANNMPI_TEST_STATUS=85");
  EXPECT_EQ(stopped.status, exit_status::stopped) << stopped.text;
}

TEST(MpiSession, TakesTheStatusOfRank0Alone) {
  EXPECT_EQ(end_job(3, "status-differs").status, exit_status::success);
}

TEST(MpiSession, PrintsAnAgreedErrorOnceAndLeavesWith2) {
  const Ending ending = end_job(3, "agreed");
  EXPECT_EQ(ending.status, exit_status::wrong_input) << ending.text;
  EXPECT_EQ(occurrences(ending.text, "part.h5"), 1) << ending.text;
  EXPECT_EQ(
      occurrences(ending.text, "annmpi: error: part.h5: is damaged; repair it (seen by rank 2 on " +
                                   host_name() + ")\n"),
      1)
      << ending.text;
}

TEST(MpiSession, TakesTheJobDownWithTheErrorOfOneRank) {
  const Ending ending = end_job(3, "error");
  EXPECT_EQ(ending.status, exit_status::wrong_input) << ending.text;
  EXPECT_EQ(occurrences(ending.text, "annmpi: error: rank 2 on " + host_name() +
                                         ": part.h5: is damaged; repair it\n"),
            1)
      << ending.text;
  EXPECT_LT(ending.seconds, seconds_until_a_job_counts_as_hung);
}

TEST(MpiSession, TakesTheJobDownWithTheFaultOfOneRank) {
  const Ending exception = end_job(3, "exception");
  EXPECT_EQ(exception.status, exit_status::fault) << exception.text;
  EXPECT_EQ(occurrences(exception.text,
                        "annmpi: error: rank 2 on " + host_name() + ": an index went astray\n"),
            1)
      << exception.text;
  EXPECT_LT(exception.seconds, seconds_until_a_job_counts_as_hung);

  const Ending unknown = end_job(2, "unknown");
  EXPECT_EQ(unknown.status, exit_status::fault) << unknown.text;
  EXPECT_EQ(occurrences(unknown.text,
                        "annmpi: error: rank 1 on " + host_name() + ": an unknown exception\n"),
            1)
      << unknown.text;
  EXPECT_LT(unknown.seconds, seconds_until_a_job_counts_as_hung);
}

TEST(MpiSession, RefusesToBeOneOfManyProgramsThatSrunStarted) {
  // As under srun without support in this MPI: no launcher, a world of one rank.
  const std::string alone = std::string("'") + ANNMPI_SESSION_PROGRAM + "' status";
  const Ending one_of_four =
      run_command("env SLURM_STEP_NUM_TASKS=4 ANNMPI_TEST_STATUS=0 " + alone);
  EXPECT_EQ(one_of_four.status, exit_status::wrong_input) << one_of_four.text;
  EXPECT_EQ(occurrences(one_of_four.text, "srun started 4 programs of one rank each"), 1)
      << one_of_four.text;
  EXPECT_EQ(run_command("env SLURM_STEP_NUM_TASKS=1 ANNMPI_TEST_STATUS=0 " + alone).status, 0);
  // mpirun within an allocation of srun is correct use.
  EXPECT_EQ(end_job(1, "status", "SLURM_STEP_NUM_TASKS=4 ANNMPI_TEST_STATUS=0").status, 0);
}

}  // namespace
}  // namespace annmpi::comm
