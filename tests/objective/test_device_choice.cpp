#include <gtest/gtest.h>
#include <mpi.h>

#include "annmpi/base/log.hpp"
#include "annmpi/comm/mpi_session.hpp"
#include "annmpi/objective/device_choice.hpp"
#include "annmpi/objective/memory_need.hpp"

#include "support/world.hpp"

namespace annmpi::objective {
namespace {

using config::DeviceChoice;
using config::OptimizerKind;

using tests::world;

config::Configuration asking_for(DeviceChoice device, OptimizerKind kind = OptimizerKind::cg) {
  config::Configuration configuration;
  configuration.compute.device = device;
  configuration.optimizer.kind = kind;
  return configuration;
}

device::FoundGpu a_gpu(int local_rank) {
  device::FoundGpu found;
  found.present = true;
  found.gpu.index = local_rank;
  found.gpu.name = "GPU of a test";
  return found;
}

device::FoundGpu no_gpu(int) {
  device::FoundGpu found;
  found.trouble = "no GPU here (a test says so)";
  return found;
}

/// A GPU on all ranks but the last.
device::FoundGpu a_gpu_on_most(int local_rank) {
  return world().rank() == world().size() - 1 ? no_gpu(local_rank) : a_gpu(local_rank);
}

/// A usable GPU on rank 0 only.
device::FoundGpu a_gpu_that_works_on_rank_0(int local_rank) {
  device::FoundGpu found = a_gpu(local_rank);
  if (!world().is_root()) found.trouble = "GPU 1 does not compute what CPUs do (a test says so)";
  return found;
}

device::FoundGpu never_asked(int) {
  ADD_FAILURE() << "a GPU was looked for";
  return {};
}

TEST(DeviceChoice, LooksForGpusOnlyWhereTheyMayBeUsed) {
  EXPECT_EQ(choose_devices(asking_for(DeviceChoice::cpu), world(), never_asked).gpus, 0);
}

TEST(DeviceChoice, TakesGpusWhereEveryRankHasOne) {
  for (const DeviceChoice device : {DeviceChoice::automatic, DeviceChoice::gpu}) {
    const auto [found, gpus, ranks] = choose_devices(asking_for(device), world(), a_gpu);
    EXPECT_EQ(gpus, world().size());
    EXPECT_EQ(ranks, world().size());
    ASSERT_TRUE(found);
    // All ranks of this job share a host.
    EXPECT_EQ(found->gpu.index, world().rank());
    const std::string text = describe(found->gpu);
    EXPECT_EQ(
        text.find(fmt::format("GPU {} of {}: GPU of a test", world().rank(), comm::host_name())),
        0U)
        << text;
  }
  for (const auto kind :
       {config::kind_of(rules::UpdateRule::sgd), config::kind_of(rules::UpdateRule::adam)}) {
    config::Configuration configuration = asking_for(DeviceChoice::automatic, kind);
    for (const bool streaming : {false, true}) {
      configuration.data.streaming = streaming;
      EXPECT_TRUE(choose_devices(configuration, world(), a_gpu).gpu);
    }
  }
}

TEST(DeviceChoice, TakesCpusWhereThereAreNoGpus) {
  const ChosenDevices chosen = choose_devices(asking_for(DeviceChoice::automatic), world(), no_gpu);
  EXPECT_EQ(chosen.gpus, 0);
  EXPECT_FALSE(chosen.gpu);
  EXPECT_FALSE(chosen.mixed());
  EXPECT_EQ(chosen.hardware(), data::Hardware::cpu);
}

TEST(DeviceChoice, TakesBothWhereSomeRanksHaveAGpu) {
  const ChosenDevices chosen =
      choose_devices(asking_for(DeviceChoice::automatic), world(), a_gpu_on_most);
  const bool is_last = world().rank() == world().size() - 1;
  EXPECT_EQ(chosen.gpus, world().size() - 1);
  EXPECT_EQ(chosen.gpu.has_value(), !is_last);
  EXPECT_EQ(chosen.mixed(), world().size() > 1);
  EXPECT_EQ(chosen.hardware(), is_last ? data::Hardware::cpu : data::Hardware::gpu_beside_cpus);
}

/// The output of rank 0 while devices are chosen.
std::string notes(device::FoundGpu (*find)(int)) {
  testing::internal::CaptureStdout();
  const log::Level before = log::level();
  log::set_level(world().is_root() ? log::Level::info : log::Level::off);
  (void)choose_devices(asking_for(DeviceChoice::automatic), world(), find);
  log::set_level(before);
  return testing::internal::GetCapturedStdout();
}

TEST(DeviceChoice, WarnsOnceAboutUnusableGpus) {
  const int ranks = world().size();
  const std::string text = notes(a_gpu_that_works_on_rank_0);
  if (ranks == 1 || !world().is_root()) {
    EXPECT_EQ(text, "");
  } else {
    EXPECT_EQ(text, fmt::format("Note: rank 1 on {} computes on its CPU: GPU 1 does not compute "
                                "what CPUs do (a test says so){}.\n",
                                comm::host_name(),
                                ranks == 2 ? ""
                                           : fmt::format(" (other ranks with an unusable GPU: {})",
                                                         ranks - 2)));
  }
  // No note about ranks without a GPU.
  EXPECT_EQ(notes(a_gpu_on_most), "");
}

TEST(DeviceChoice, TakesCpusForMiniBatchesWhereOneRankHasNoGpu) {
  for (const auto kind :
       {config::kind_of(rules::UpdateRule::sgd), config::kind_of(rules::UpdateRule::adam)}) {
    const ChosenDevices chosen =
        choose_devices(asking_for(DeviceChoice::automatic, kind), world(), a_gpu_on_most);
    EXPECT_EQ(chosen.gpus, 0);
    EXPECT_FALSE(chosen.gpu);
  }
}

std::string refusal(device::FoundGpu (*find)(int)) {
  try {
    (void)choose_devices(asking_for(DeviceChoice::gpu), world(), find);
  } catch (const comm::AgreedError& error) {
    return error.what();
  }
  return "";
}

TEST(DeviceChoice, NamesRankAndHostOnceWhereAGpuIsMissing) {
  EXPECT_EQ(refusal(no_gpu), fmt::format("compute.device = \"gpu\": rank 0 on {}: no GPU here (a "
                                         "test says so); or set compute.device = \"cpu\"",
                                         comm::host_name()));
  if (world().size() == 1) return;
  EXPECT_EQ(refusal(a_gpu_on_most),
            fmt::format("compute.device = \"gpu\": no GPU here (a test says so); or set "
                        "compute.device = \"cpu\" (seen by rank {} on {})",
                        world().size() - 1, comm::host_name()));
}

TEST(DeviceChoice, LimitsMemoryToTheShareOfAGpu) {
  device::FoundGpu found = a_gpu(0);
  found.gpu.free_memory = 8'000'000'000;
  found.gpu.identity.fill(std::byte{7});  // the same GPU on all ranks
  const auto ranks = static_cast<std::uint64_t>(world().size());
  const std::uint64_t share = 8'000'000'000 / ranks;
  const auto refused = [&](std::uint64_t caches) -> std::string {
    try {
      require_gpu_memory({1000, caches}, &found.gpu, world());
    } catch (const comm::AgreedError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refused(share - 1'000'000'000 - 1000), "");
  const std::string text = refused(share - 999'999'999);
  for (const std::string& part :
       {std::string("GPU 0 (GPU of a test)"), fmt::format("ranks on this GPU: {}", ranks),
        std::string("use more GPUs")})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  // Each rank has its own GPU.
  found.gpu.identity.fill(static_cast<std::byte>(world().rank()));
  EXPECT_EQ(refused(7'000'000'000 - 1000), "");
  // Only rank 0 has a GPU; the others need no GPU memory.
  found.gpu.identity.fill(std::byte{0});
  EXPECT_NO_THROW(require_gpu_memory({1000, 7'000'000'000 - 1000},
                                     world().is_root() ? &found.gpu : nullptr, world()));
}

}  // namespace
}  // namespace annmpi::objective
