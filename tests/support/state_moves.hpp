#pragma once

#include <gtest/gtest.h>

#include "support/training_runs.hpp"

namespace annmpi::tests {

/// Restores the state of a run on some ranks in a new run on other ranks, at one moment or at all,
/// and expects both runs to continue with the same bits.
inline void expect_same_bits(const RunSetting& setting, const MakeDevices& make,
                             const comm::Communicator& from, const comm::Communicator& to,
                             bool at_all_moments) {
  std::vector<Moment> moments = moments_of(setting);
  if (!at_all_moments) moments = {moments[moments.size() / 2]};
  for (const Moment& moment : moments) {
    SCOPED_TRACE(setting.name + " after " + std::to_string(moment.iterations) +
                 (moment.within_epoch ? " and a part" : ""));
    const auto original = make_run(setting, make, from);
    run_up_to(moment, *original);
    const SavedState saved = original->gathered();
    const auto moved = restored_run(setting, make, to, saved);
    const SavedState again = moved->gathered();
    EXPECT_EQ(again.scalars, saved.scalars);
    EXPECT_EQ(again.counters, saved.counters);
    EXPECT_EQ(again.arrays, saved.arrays);
    const int iterations = iterations_to_compare(setting);
    const auto expected = original->go_on(iterations);
    EXPECT_EQ(moved->go_on(iterations), expected);
  }
}

/// Moves state from all ranks to one and back or, if sums depend on the number of ranks, to the
/// same number.
inline void expect_same_bits_on_other_ranks(const RunSetting& setting, const MakeDevices& make,
                                            bool at_all_moments) {
  const comm::Communicator world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  if (!setting.deterministic || world.size() == 1)
    return expect_same_bits(setting, make, world, world, at_all_moments);
  expect_same_bits(setting, make, world, alone, at_all_moments);
  expect_same_bits(setting, make, alone, world, at_all_moments);
}

/// Moves state from all ranks to one, and what has been restored there back to all, at one moment.
/// The emulation of GPUs takes its time: one original run serves both moves.
inline void expect_same_bits_there_and_back(const RunSetting& setting, const MakeDevices& make) {
  const comm::Communicator world(MPI_COMM_WORLD), alone(MPI_COMM_SELF);
  if (!setting.deterministic || world.size() == 1)
    return expect_same_bits(setting, make, world, world, false);
  SCOPED_TRACE(setting.name);
  const std::vector<Moment> moments = moments_of(setting);
  const auto original = make_run(setting, make, world);
  run_up_to(moments[moments.size() / 2], *original);
  const SavedState saved = original->gathered();
  const auto there = restored_run(setting, make, alone, saved);
  const SavedState of_one = there->gathered();
  const auto back = restored_run(setting, make, world, of_one);
  const SavedState of_all = back->gathered();
  for (const SavedState* again : {&of_one, &of_all}) {
    EXPECT_EQ(again->scalars, saved.scalars);
    EXPECT_EQ(again->counters, saved.counters);
    EXPECT_EQ(again->arrays, saved.arrays);
  }
  const int iterations = iterations_to_compare(setting);
  const auto expected = original->go_on(iterations);
  EXPECT_EQ(there->go_on(iterations), expected);
  EXPECT_EQ(back->go_on(iterations), expected);
}

}  // namespace annmpi::tests
