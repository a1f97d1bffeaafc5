#include <string>

#include <gtest/gtest.h>

#include "support/run_command.hpp"

// The foundation of all tests with several ranks: no failure on any rank is lost, and no job hangs.
namespace annmpi::tests {
namespace {

Ending run_tests(int ranks, const std::string& filter) {
  return run_command(std::string(ANNMPI_MPIEXEC) + " " + std::to_string(ranks) + " '" +
                     ANNMPI_FAILING_TESTS + "' --gtest_filter=" + filter);
}

TEST(MpiMain, PassesIfAllRanksPassAndRank0Reports) {
  const Ending ending = run_tests(3, "Sample.Passes");
  EXPECT_EQ(ending.status, 0) << ending.text;
  EXPECT_EQ(occurrences(ending.text, "[       OK ]"), 1) << ending.text;
}

TEST(MpiMain, FailsWhereOneRankFailsAndNamesIt) {
  const Ending ending = run_tests(3, "Sample.Passes:Sample.IsExpectedOtherwise");
  EXPECT_EQ(ending.status, 1) << ending.text;
  EXPECT_EQ(occurrences(ending.text, "rank 1 of 3: Sample.IsExpectedOtherwise: "), 1)
      << ending.text;
  EXPECT_EQ(occurrences(ending.text, "failed on rank 1\n"), 1) << ending.text;
  EXPECT_EQ(occurrences(ending.text, "1 FAILED TEST"), 1) << ending.text;
}

TEST(MpiMain, EndsTheJobWhereOneRankCannotGoOn) {
  const Ending fatal = run_tests(3, "Sample.CannotGoOn");
  EXPECT_EQ(fatal.status, 1) << fatal.text;
  EXPECT_EQ(occurrences(fatal.text, "rank 1 of 3: Sample.CannotGoOn: "), 1) << fatal.text;
  const Ending thrown = run_tests(3, "Sample.Throws");
  EXPECT_EQ(thrown.status, 1) << thrown.text;
  EXPECT_EQ(occurrences(thrown.text, "rank 1 of 3: an exception left a test: an index went astray"),
            1)
      << thrown.text;
}

TEST(MpiMain, FailsWhereNoTestRan) {
  const Ending ending = run_tests(2, "Sample.Absent");
  EXPECT_EQ(ending.status, 1) << ending.text;
  EXPECT_EQ(occurrences(ending.text, "this program ran no test"), 1) << ending.text;
}

}  // namespace
}  // namespace annmpi::tests
