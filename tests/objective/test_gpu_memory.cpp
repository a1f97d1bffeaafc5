#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "annmpi/objective/memory_need.hpp"

#include "support/headers.hpp"
#include "support/world.hpp"

namespace annmpi::objective {
namespace {

using tests::world;

const network::Network narrow =
    network::make_network({1021, 8, 3}, config::Activation::sigmoid, config::OutputUnit::sigmoid);

/// 270,000 training rows and 27,000 monitored rows of 1021 bytes, on this many ranks.
data::DealtSets sets_on(int ranks, bool streamed = false,
                        data::Hardware hardware = data::Hardware::gpu) {
  data::DataSets files;
  files.training = tests::header_of(270'000, 1021, io::ElementType::uint8);
  files.monitored = tests::header_of(27'000, 1021, io::ElementType::uint8);
  return data::deal(files, 0, narrow.parameters(), ranks, streamed, hardware);
}

TEST(GpuMemory, HoldsRowsPaddedTo16BytesAndCachedValues) {
  const device::ShardMemory memory =
      gpu_memory_of_rank(narrow, sets_on(1), 0, {device::Carried::trial, true});
  EXPECT_EQ(memory.features, 297'000U * 1024);
  EXPECT_EQ(memory.caches, 297'000U * (4 + 2 * 8 * 8));  // neither trials nor transposed features
  // Two blocks per set, each of one chunk of 8,192 rows.
  EXPECT_EQ(gpu_memory_of_rank(narrow, sets_on(1, true), 0, {}).features, 4U * 8192 * 1024);
  const device::MemoryPlan of_batches{.carried = device::Carried::nothing, .batch_rows = 512};
  EXPECT_EQ(gpu_memory_of_rank(narrow, sets_on(1), 0, of_batches).caches,
            297'000U * 4 + device::gpu_batch_memory(narrow, 512, 1));
}

TEST(GpuMemory, NeedsOnlyTransferBlocksOnTheHost) {
  const std::uint64_t row = 1021 + 4;
  EXPECT_EQ(host_memory_beside_gpu(narrow, sets_on(1), 0, {}).total(), 2U * 8192 * row);
  // In mixed jobs, 85 chunks of 96 rows.
  EXPECT_EQ(
      host_memory_beside_gpu(narrow, sets_on(1, false, data::Hardware::gpu_beside_cpus), 0, {})
          .total(),
      2U * 85 * 96 * row);
  // No more than the rank has: 33 chunks on 33 ranks are one each.
  EXPECT_EQ(host_memory_beside_gpu(narrow, sets_on(33), 0, {}).total(), 8192 * row);
  // Streamed sets keep their blocks and labels.
  const device::ShardMemory streamed = host_memory_beside_gpu(narrow, sets_on(1, true), 0, {});
  EXPECT_EQ(streamed.features, 2U * 3 * 8192 * 1021);
  EXPECT_EQ(streamed.caches, 297'000U * 4);
  // The same for mini-batches.
  const device::MemoryPlan of_batches{.carried = device::Carried::nothing, .batch_rows = 512};
  EXPECT_EQ(host_memory_beside_gpu(narrow, sets_on(1), 0, of_batches).total(), 2U * 8192 * row);
}

TEST(GpuMemory, LimitsHostMemoryOnlyOnRanksWithoutAGpu) {
  const int ranks = world().size();
  ChosenDevices devices{.gpu = {}, .gpus = ranks, .ranks = ranks};
  devices.gpu.emplace();
  devices.gpu->gpu.free_memory = std::uint64_t{16} << 30;
  devices.gpu->gpu.identity.fill(static_cast<std::byte>(world().rank()));
  const data::DealtSets sets = sets_on(ranks);
  const auto room = [&](std::uint64_t bytes) {
    return fit_to_memory({device::Carried::trial, true}, narrow, sets, static_cast<double>(bytes),
                         devices, world());
  };
  const std::uint64_t on_the_way = 2U * 8192 * 1025;
  const device::MemoryPlan on_gpu = room(on_the_way);
  EXPECT_EQ(on_gpu.carried, device::Carried::first_layer);
  EXPECT_FALSE(on_gpu.transposed);
  EXPECT_EQ(memory_in_use(narrow, sets, 0, on_gpu, devices).total(),
            gpu_memory_of_rank(narrow, sets, 0, {}).total());
  EXPECT_THROW((void)room(on_the_way - 1), comm::AgreedError);
  // The last rank computes on its CPU.
  const bool is_last = world().rank() == ranks - 1;
  if (is_last) devices.gpu.reset();
  --devices.gpus;
  EXPECT_THROW((void)room(on_the_way), comm::AgreedError);
  const device::ShardMemory on_cpu =
      memory_of_rank(narrow, sets, ranks - 1, {device::Carried::trial, true});
  const device::MemoryPlan held = room(2 * on_cpu.total());
  EXPECT_EQ(held.transposed, is_last);
  EXPECT_EQ(memory_in_use(narrow, sets, ranks - 1, held, devices).total(),
            is_last ? on_cpu.total() : gpu_memory_of_rank(narrow, sets, ranks - 1, {}).total());
}

}  // namespace
}  // namespace annmpi::objective
