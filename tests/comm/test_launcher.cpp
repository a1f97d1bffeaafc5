#include <cstdlib>
#include <initializer_list>
#include <utility>

#include <gtest/gtest.h>

#include "annmpi/comm/mpi_session.hpp"

namespace annmpi::comm {
namespace {

using Variable = std::pair<const char*, const char*>;

/// Whether a process with these launcher variables, and no others, counts as rank 0.
bool is_rank_0_with(std::initializer_list<Variable> variables) {
  const char* const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"};
  for (const char* name : names) ::unsetenv(name);
  for (const auto& [name, value] : variables) ::setenv(name, value, 1);
  const bool is_rank_0 = launched_as_rank_0();
  for (const char* name : names) ::unsetenv(name);
  return is_rank_0;
}

TEST(Launcher, MakesOneProcessRank0) {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}) {
    EXPECT_TRUE(is_rank_0_with({{name, "0"}})) << name;
    EXPECT_FALSE(is_rank_0_with({{name, "1"}})) << name;
    EXPECT_FALSE(is_rank_0_with({{name, "10"}})) << name;
  }
}

TEST(Launcher, IsNotNeeded) {
  EXPECT_TRUE(is_rank_0_with({}));
  EXPECT_TRUE(is_rank_0_with({{"PMI_RANK", ""}}));
}

TEST(Launcher, CountsBeforeTheSlurmTaskThatItRunsIn) {
  // mpirun started its daemon on the second node by srun.
  EXPECT_TRUE(is_rank_0_with({{"OMPI_COMM_WORLD_RANK", "0"}, {"SLURM_PROCID", "1"}}));
  EXPECT_FALSE(is_rank_0_with({{"PMI_RANK", "2"}, {"SLURM_PROCID", "0"}}));
}

}  // namespace
}  // namespace annmpi::comm
