#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/host_vector_space.hpp"
#include "support/saved_state.hpp"
#include "trainer/patience.hpp"
#include "trainer/selection.hpp"

// What the training loop keeps between iterations, in a fresh instance.
namespace annmpi::trainer {
namespace {

template <class Kept>
tests::SavedState saved(Kept& kept) {
  tests::SavedState state;
  tests::StateSaver saver(state);
  kept.visit_state(saver);
  return state;
}

TEST(RecordState, OfPatienceEndsTrainingAtTheSameRecord) {
  Patience original(3);
  for (const double cost : {5.0, 4.0, 4.5}) original.consider(cost);
  const tests::SavedState state = saved(original);
  for (const std::string skipped : {"", "in_vain", "lowest"}) {
    Patience moved(3);
    tests::StateRestorer restorer(state, skipped);
    moved.visit_state(restorer);
    std::vector<bool> ends;
    for (const double cost : {4.25, 4.125, 4.0625}) {
      moved.consider(cost);
      ends.push_back(moved.is_exhausted());
    }
    EXPECT_EQ(ends == std::vector<bool>({false, true, true}), skipped.empty()) << skipped;
  }
}

Record record_of(double cost, bool has_all) {
  Record record{3, 7, 0.5, {cost, 0.75}, {}, 0.25, 2.0};
  if (!has_all) return record;
  record.monitored = {cost, 0.5};
  record.epoch = 1.5;
  return record;
}

TEST(RecordState, OfTheSelectionGivesTheBestParameters) {
  const tests::HostVectorSpace space(2);
  const auto theta = [&](double value) {
    auto made = space.zero();
    space.upload(std::vector<double>{value, -value}, *made);
    return made;
  };
  for (const bool has_all : {true, false}) {
    SelectionKeeper original(space, config::Selection::best);
    original.consider(record_of(5, has_all), *theta(1));
    original.consider(record_of(6, has_all), *theta(2));
    const tests::SavedState state = saved(original);
    EXPECT_EQ(state.paths().size(), has_all ? 13U : 10U);
    SelectionKeeper moved(space, config::Selection::best);
    tests::StateRestorer restorer(state);
    moved.visit_state(restorer);
    EXPECT_EQ(saved(moved).scalars, state.scalars);
    EXPECT_EQ(saved(moved).counters, state.counters);
    moved.consider(record_of(5.5, has_all), *theta(3));
    TrainingResult result;
    moved.finish(*theta(4), result);
    EXPECT_EQ(result.history.selected.training.cost, 5);
    EXPECT_EQ(result.history.selected.monitored.has_value(), has_all);
    std::vector<double> found(2);
    space.download(*result.selected_theta, found);
    EXPECT_EQ(found, (std::vector<double>{1, -1}));
  }
}

}  // namespace
}  // namespace annmpi::trainer
