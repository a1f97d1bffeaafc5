#include <array>

#include <gtest/gtest.h>
#include <mpi.h>

#include "annmpi/comm/communicator.hpp"

#include "device/cuda/collectives/rank_facts.hpp"
#include "support/world.hpp"

namespace annmpi::device::cuda {
namespace {

using tests::world;

device::GpuRank this_rank() {
  return {world().rank(), world().size(), [](auto values) { world().sum(values); }};
}

TEST(RankFacts, AreThoseOfAllRanks) {
  const std::int64_t rank = world().rank();
  const auto facts = allgather_facts(this_rank(), std::array<std::int64_t, 2>{10 * rank, -rank});
  ASSERT_EQ(facts.size(), static_cast<std::size_t>(world().size()));
  for (std::int64_t r = 0; r < world().size(); ++r)
    EXPECT_EQ(facts[static_cast<std::size_t>(r)], (std::vector<std::int64_t>{10 * r, -r}));
}

TEST(RankFacts, ShareBytesOfAnyLength) {
  for (const std::size_t length : {1U, 8U, 13U, 128U}) {
    std::vector<std::byte> bytes(length, static_cast<std::byte>(200 + world().rank()));
    from_root(this_rank(), bytes);
    EXPECT_EQ(bytes, std::vector<std::byte>(length, std::byte{200}));
  }
}

TEST(RankFacts, CombineAConditionByLogicalAnd) {
  EXPECT_TRUE(on_all(this_rank(), true));
  EXPECT_FALSE(on_all(this_rank(), false));
  EXPECT_FALSE(on_all(this_rank(), world().rank() != world().size() - 1));
}

TEST(RankFacts, TellWhetherRanksShareAGpu) {
  device::Gpu gpu;
  gpu.identity.fill(std::byte{255});
  EXPECT_EQ(any_share(this_rank(), gpu), world().size() > 1);
  gpu.identity[15] = static_cast<std::byte>(world().rank());
  EXPECT_FALSE(any_share(this_rank(), gpu));
  // The first and the last rank.
  gpu.identity[15] = static_cast<std::byte>(world().rank() % std::max(1, world().size() - 1));
  EXPECT_EQ(any_share(this_rank(), gpu), world().size() > 1);
}

}  // namespace
}  // namespace annmpi::device::cuda
