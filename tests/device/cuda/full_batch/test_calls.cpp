#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "annmpi/objective/full_batch_objective.hpp"

#include "device/cuda/calls.hpp"
#include "device/cuda/galaxy_rig.hpp"
#include "optimizer/conjugate_gradient.hpp"

// Runtime calls of an iteration of the galaxy network, as docs/performance.md states them.
namespace annmpi::tests {
namespace {

using config::Precision;

struct Expected {
  std::int64_t launches = 0;
  std::int64_t reports = 0;  ///< completion flags that the host waits for
};

void expect_nothing_else(const Calls& made) {
  EXPECT_EQ(made.waits, 0);
  EXPECT_EQ(made.memsets, 0);
  EXPECT_EQ(made.products, 0);
  EXPECT_EQ(made.graphs, 0);
  EXPECT_EQ(made.copies, (std::array<std::int64_t, 3>{}));
}

std::map<std::string, Expected> over_bytes() {
  return {
      {"turn: p = -g + beta p", {1}},
      {"penalty dots, launched", {1}},
      {"aim both sets", {2}},
      {"probe, waited for", {1, 1}},
      {"penalty dots read", {0}},
      {"sums of the gradient", {4}},
      {"measure the monitored set", {1}},
      {"collect and finish the gradient", {1}},
      {"three dots and the largest, synchronized", {1, 1}},
      {"both losses read", {0}},
      {"move theta and both Z", {1}},
  };
}
/// Neither weights nor deltas are split into byte slices.
std::map<std::string, Expected> over_floats() {
  auto expected = over_bytes();
  expected["aim both sets"] = {1};
  expected["sums of the gradient"] = {3};
  return expected;
}

TEST(Calls, OfEachOperationAreThoseOfTheTable) {
  struct Setting {
    io::ElementType type;
    Precision precision;
  };
  // Over floats both precisions are the same computation.
  for (const auto [type, precision] : {Setting{io::ElementType::uint8, Precision::float64},
                                       Setting{io::ElementType::uint8, Precision::mixed},
                                       Setting{io::ElementType::float32, Precision::float64}}) {
    const auto expected = type == io::ElementType::uint8 ? over_bytes() : over_floats();
    GalaxyRig rig(precision, type);
    rig.iterate(1);  // sets sums to zero once
    for (const GalaxyRig::Operation& operation : rig.operations()) {
      SCOPED_TRACE(operation.name);
      const Calls before = calls();
      operation.work();
      const Calls made = calls() - before;
      EXPECT_EQ(made.launches, expected.at(operation.name).launches);
      EXPECT_EQ(made.queries, expected.at(operation.name).reports);
      expect_nothing_else(made);
    }
  }
}

/// The optimizer makes the same calls as the rig: 12 launches, and 1 per trial.
TEST(Calls, OfAnIterationAreThoseOfItsOperations) {
  const comm::Communicator alone(MPI_COMM_SELF);
  const auto device = device::cuda::make_cuda_device(
      GalaxyRig::network(), std::make_unique<TestSums>(),
      {.bytes = true, .training_rows = GalaxyRig::training_rows}, "a GPU");
  const auto set = [&](std::uint64_t rows, unsigned seed) {
    const Samples samples = GalaxyRig::samples(rows, seed);
    return objective::LoadedSet{device->hold(shard_of(samples), facts_of(samples, 8192)),
                                data::Partition(rows, 8192, 1), 0};
  };
  PhaseTimes times;
  objective::FullBatchObjective objective(
      *device, alone, set(GalaxyRig::training_rows, 1), set(GalaxyRig::monitored_rows, 2),
      network::initial_parameters(GalaxyRig::network(), 0.3, 917), {.l2 = 1}, times);
  ConjugateGradient method(objective, alone.decide(), {});
  (void)method.start();
  int ordinary = 0;
  for (int i = 0; i < 4; ++i) {
    const std::int64_t trials_before = times[Phase::trials].calls;
    const std::int64_t gradients_before = times[Phase::gradient].calls;
    const Calls before = calls();
    (void)method.iterate();
    const Calls made = calls() - before;
    if (times[Phase::gradient].calls != gradients_before + 1) continue;  // a point was rejected
    ++ordinary;
    const std::int64_t trials = times[Phase::trials].calls - trials_before;
    EXPECT_EQ(made.launches, 12 + trials);
    EXPECT_EQ(made.queries, 1 + trials);
    expect_nothing_else(made);
  }
  EXPECT_GE(ordinary, 2);
}

}  // namespace
}  // namespace annmpi::tests
