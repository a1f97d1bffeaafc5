#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"

#include "support/state_moves.hpp"

// The state of whole trainings on CPUs, moved onto other numbers of ranks.
namespace annmpi::tests {
namespace {

MakeDevices cpus() {
  return {[](const RunSetting& setting, const comm::Communicator& ranks) {
            return device::make_cpu_device(
                setting.network(), [&ranks](auto values) { ranks.sum(values); }, setting.options());
          },
          [](const RunSetting& setting, const device::BatchFacts& facts, const comm::Communicator&,
             RankExchange* exchange) {
            return device::make_cpu_mini_batch_device(setting.network(), facts, setting.options(),
                                                      exchange);
          }};
}

TEST(MovingState, GoesOnWithTheSameBitsOnOtherRanks) {
  for (const RunSetting& setting : run_settings())
    expect_same_bits_on_other_ranks(setting, cpus(), true);
}

/// Devices of several kinds give the same bits for the same dealing of rows.
TEST(MovingState, GoesOnWithTheSameBitsOnDevicesOfSeveralKinds) {
  const comm::Communicator world(MPI_COMM_WORLD);
  MakeDevices mixed = cpus();
  mixed.mixed_ranks = true;
  mixed.full_batch = [](const RunSetting& setting, const comm::Communicator&) {
    return device::make_cpu_device(
        setting.network(), [](auto) {}, setting.options());
  };
  for (const RunSetting& setting : run_settings())
    if (!setting.stochastic) expect_same_bits(setting, mixed, world, world, false);
}

/// Every path that an objective or a stochastic method visits matters: leaving it out changes some
/// run. Paths of the other methods are tested with these.
TEST(MovingState, NeedsEveryItem) {
  const comm::Communicator alone(MPI_COMM_SELF);
  std::map<std::string, bool> matters;
  for (const RunSetting& setting : run_settings()) {
    const Moment moment = moments_of(setting).back();
    const auto original = make_run(setting, cpus(), alone);
    run_up_to(moment, *original);
    const SavedState saved = original->gathered();
    const auto expected = original->go_on(1);
    for (const std::string& path : saved.paths()) {
      if (!path.starts_with("objective/") && !path.starts_with("method/stochastic/")) continue;
      bool& seen = matters[setting.name + ": " + path];
      seen = restored_run(setting, cpus(), alone, saved, path)->go_on(1) != expected;
    }
  }
  std::vector<std::string> unnoticed;
  for (const auto& [path, seen] : matters)
    // 0 at a refresh, as in a fresh objective; and where updates keep nothing.
    if (!seen && !path.ends_with(": objective/commits_since_refresh")) unnoticed.push_back(path);
  EXPECT_EQ(unnoticed, std::vector<std::string>{"sgd, one layer, mixed: objective/device/states"});
  for (const char* path :
       {"cg: objective/theta", "adam, mixed: objective/device/layer_3/state_2",
        "momentum: objective/device/layer_1/parameters", "momentum: method/stochastic/step"})
    EXPECT_EQ(matters.count(path), 1U) << path;
}

TEST(MovingState, OfVectorsThatNoUpdateHasIsRefused) {
  const comm::Communicator alone(MPI_COMM_SELF);
  const RunSetting setting = run_settings().back();
  SavedState saved = make_run(setting, cpus(), alone)->gathered();
  for (const std::int64_t states : {-1, 3}) {
    saved.counters.at("objective/device/states") = states;
    EXPECT_THROW((void)restored_run(setting, cpus(), alone, saved), Error);
  }
}

}  // namespace
}  // namespace annmpi::tests
