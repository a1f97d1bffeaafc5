#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/device/device.hpp"
#include "annmpi/objective/memory_need.hpp"

#include "device/cpu/simd/simd_target.hpp"
#include "support/headers.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"
#include "support/world.hpp"

namespace annmpi::objective {
namespace {

using tests::world;

network::Network network_of(const std::vector<std::int64_t>& sizes) {
  return network::make_network(sizes, config::Activation::sigmoid, config::OutputUnit::sigmoid);
}

TEST(ShardMemory, IsWhatADeviceHolds) {
  for (const auto type : {io::ElementType::uint8, io::ElementType::float64}) {
    const network::Network network = network_of({6, 5, 3});
    const auto samples = tests::random_samples(40, 6, 3, type, 1);
    for (const auto precision : {config::Precision::float64, config::Precision::mixed}) {
      const auto device = device::make_cpu_device(network, [](auto) {}, {.precision = precision});
      const auto held =
          device->hold(tests::shard_of(samples, {10, 40}), tests::facts_of(samples, 8));
      EXPECT_EQ(device::shard_memory(network, 30, io::bytes_of(type)).total(), held->bytes());
      const auto theta = device->space().zero();
      (void)device->probe(*held, {*theta, theta.get(), 0});
      EXPECT_EQ(device::shard_memory(network, 30, io::bytes_of(type),
                                     {.carried = device::Carried::trial, .precision = precision})
                    .total(),
                held->bytes());
    }
  }
}

/// While it lives, products of bytes are computed in integers on any processor.
class EmulatedAmx {
 public:
  EmulatedAmx() { disable_best(1); }
  ~EmulatedAmx() { disable_best(0); }
  EmulatedAmx(const EmulatedAmx&) = delete;
  EmulatedAmx& operator=(const EmulatedAmx&) = delete;

 private:
  static void disable_best(std::size_t count) {
    std::vector<std::int64_t> limits(device::cpu::kernels::simd_target_count(), 0);
    std::fill_n(limits.begin(), count, 1);
    device::cpu::kernels::choose_simd_target(limits);
  }
};

TEST(ShardMemory, IsWhatADeviceHoldsWithTransposedFeatures) {
  const EmulatedAmx amx;
  const network::Network network = network_of({70, 5, 3});
  const auto samples = tests::random_samples(600, 70, 3, io::ElementType::uint8, 1);
  const device::DeviceOptions options{
      .bytes = true, .training_rows = 600, .transposed_features = true};
  ASSERT_TRUE(device::gains_by_transposed_features(network, options));
  const auto device = device::make_cpu_device(
      network, [](auto) {}, options);
  const auto held = device->hold(tests::shard_of(samples), tests::facts_of(samples, 96));
  const auto theta = device->space().zero();
  (void)device->sum_gradient(*held, {*theta});
  EXPECT_EQ(device::shard_memory(network, 600, 1, {.transposed = true}).total(), held->bytes());
  // Two blocks of 512 rows; 70 columns padded to 128.
  EXPECT_EQ(held->bytes(), 600U * (70 + 4 + 2 * 5 * 8) + 1024 * 128);
}

TEST(MemoryNeed, AddsUpTheRowsOfARankInAllSets) {
  const network::Network network = network_of({1024, 8, 3});
  // 29 and 8 chunks of 96 rows: 15 and 4 for rank 0 of 2, with 1440 and 384 rows.
  data::DataSets sets_of_files;
  sets_of_files.training = tests::header_of(2700, 1024, io::ElementType::uint8);
  sets_of_files.test = tests::header_of(675, 1024, io::ElementType::float32);
  const data::DealtSets sets = data::deal(sets_of_files, 96, network.parameters(), 2);
  const device::ShardMemory first = memory_of_rank(network, sets, 0);
  EXPECT_EQ(first.features, 1440U * 1024 + 384U * 1024 * 4);
  EXPECT_EQ(first.caches, (1440U + 384U) * (4 + 2 * 8 * 8));
  const device::ShardMemory second = memory_of_rank(network, sets, 1);
  EXPECT_EQ(second.caches, (2700U - 1440 + 675 - 384) * (4 + 2 * 8 * 8));
  // Only the training set has trials.
  EXPECT_EQ(memory_of_rank(network, sets, 0, {device::Carried::trial}).caches,
            first.caches + 1440U * 8 * (8 + 3));
  EXPECT_EQ(memory_of_rank(network, sets, 0, {device::Carried::nothing}).caches,
            (1440U + 384U) * 4);
}

TEST(MemoryNeed, CountsBuffersInsteadOfStreamedFeatures) {
  const network::Network network = network_of({1024, 8, 3});
  data::DataSets sets_of_files;
  sets_of_files.training = tests::header_of(270'000, 1024, io::ElementType::uint8);
  const device::ShardMemory held =
      memory_of_rank(network, data::deal(sets_of_files, 96, network.parameters(), 2), 0);
  const device::ShardMemory streamed =
      memory_of_rank(network, data::deal(sets_of_files, 96, network.parameters(), 2, true), 0);
  // 85 chunks of 96 KiB fit into 8 MiB.
  EXPECT_EQ(streamed.features, 3U * 85 * 96 * 1024);
  EXPECT_EQ(streamed.caches, held.caches);
}

TEST(MemoryNeed, HasNoTransposedFeaturesWhereOneRankHasNoRoomForThem) {
  const network::Network network = network_of({1024, 8, 3});
  data::DataSets sets_of_files;
  sets_of_files.training = tests::header_of(27'000, 1024, io::ElementType::uint8);
  const data::DealtSets sets = data::deal(sets_of_files, 96, network.parameters(), world().size());
  const auto needed = [&](bool transposed) {
    return memory_of_rank(network, sets, world().rank(), {device::Carried::trial, transposed});
  };
  const auto room_for = [&](std::uint64_t bytes) {
    return fit_to_memory(
        {device::Carried::trial, true},
        [&](const device::MemoryPlan& plan) {
          return memory_of_rank(network, sets, world().rank(), plan);
        },
        static_cast<double>(bytes), world());
  };
  const std::uint64_t all = needed(true).total();
  EXPECT_GT(all, needed(false).total() + needed(false).features);
  EXPECT_TRUE(room_for(all).transposed);
  const bool last = world().rank() == world().size() - 1;
  const device::MemoryPlan without = room_for(last ? all - 1 : all);
  EXPECT_FALSE(without.transposed);
  EXPECT_EQ(without.carried, device::Carried::trial);
  EXPECT_THROW((void)room_for(needed(false).total() - 1), comm::AgreedError);
  const data::DealtSets streamed =
      data::deal(sets_of_files, 96, network.parameters(), world().size(), true);
  EXPECT_EQ(memory_of_rank(network, streamed, 0, {.transposed = true}).total(),
            memory_of_rank(network, streamed, 0).total());
}

TEST(MemoryNeed, CountsBuffersOfBatches) {
  const network::Network network = network_of({1021, 8, 3});
  data::DataSets files;
  files.training = tests::header_of(2700, 1021, io::ElementType::uint8);
  const auto of_batches = [&](int ranks, int rank, bool streamed, std::uint64_t rows = 1500) {
    const data::DealtSets sets = data::deal(files, 96, network.parameters(), ranks, streamed);
    return memory_of_rank(network, sets, rank, {.batch_rows = rows}).features -
           memory_of_rank(network, sets, rank).features;
  };
  // In memory, the rows serve as batches, plus two batches in exchange: aligned rows of 1024 bytes,
  // each followed by 8 bytes.
  EXPECT_EQ(of_batches(1, 0, false), 0U);
  EXPECT_EQ(of_batches(2, 0, false), 2U * 1500 * (1024 + 8));
  // Streamed, three batches are read ahead, plus 16 bytes for each of the rank's 1440 or 1260 rows
  // to sort them.
  EXPECT_EQ(of_batches(1, 0, true), 3U * 1500 * (1024 + 16));
  EXPECT_EQ(of_batches(2, 0, true), 2U * 1500 * (1024 + 8) + 3U * 1440 * (1024 + 16));
  EXPECT_EQ(of_batches(2, 1, true), 2U * 1500 * (1024 + 8) + 3U * 1260 * (1024 + 16));
  // A batch has at most the rows of the set.
  EXPECT_EQ(of_batches(1, 0, true, 1'000'000'000), of_batches(1, 0, true, 2700));
  // Two batches are staged for the GPU: rows of 1024 bytes, plus 8 for the label.
  const data::DealtSets sets = data::deal(files, 96, network.parameters(), 1, true);
  device::MemoryPlan to_gpu{.batch_rows = 1500, .batches_to_gpu = true};
  const device::ShardMemory staged = memory_of_rank(network, sets, 0, to_gpu);
  to_gpu.batches_to_gpu = false;
  EXPECT_EQ(staged.features,
            memory_of_rank(network, sets, 0, to_gpu).features + 2U * 1500 * (1024 + 8));
}

std::string refusal(std::uint64_t needed_of_last_rank, double limit) {
  const bool last = world().rank() == world().size() - 1;
  try {
    require_memory({last ? needed_of_last_rank : 0, 0}, memory_limit(limit, world()), world());
  } catch (const comm::AgreedError& error) {
    return error.what();
  }
  return "";
}

TEST(MemoryNeed, IsRefusedOnAllRanksWhereOneHasNoRoom) {
  EXPECT_EQ(refusal(3'000'000, 3e6), "");
  const std::string text = refusal(3'000'001, 3e6);
  for (const std::string& part : {"rank " + std::to_string(world().size() - 1), std::string("3 MB"),
                                  std::string("compute.cache_memory"), std::string("more ranks")})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(MemoryNeed, IsLimitedByTheHostByDefault) {
  EXPECT_EQ(refusal(1000, 0), "");
  EXPECT_NE(refusal(std::numeric_limits<std::uint64_t>::max(), 0).find("available on the host"),
            std::string::npos);
}

}  // namespace
}  // namespace annmpi::objective
