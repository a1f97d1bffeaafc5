#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/comm/exchange.hpp"
#include "annmpi/data/batch_source.hpp"

#include "support/samples.hpp"
#include "support/shared_folder.hpp"

namespace annmpi::data {
namespace {

using io::ElementType;

class BatchSourceOnRanks : public testing::Test {
 protected:
  comm::Communicator world{MPI_COMM_WORLD};
  PhaseTimes times;
  std::optional<comm::Exchange> exchange;

  void SetUp() override {
    if (world.size() > 1) exchange.emplace(world, times);
  }
  RankExchange* exchange_if_any() { return exchange ? &*exchange : nullptr; }
};

/// Every rank must see every row of every batch, whichever rank holds it.
TEST_F(BatchSourceOnRanks, BringsTheRowsOfTheOrderToAllRanks) {
  for (const auto type : {ElementType::uint8, ElementType::float32, ElementType::float64}) {
    const tests::Samples samples = tests::random_samples(53, 7, 4, type, 1);
    const HostBlock all = tests::shard_of(samples);
    const std::size_t row_bytes = 7 * io::bytes_of(type);
    const Partition partition(53, 5, world.size());
    const LocalSet own = tests::shard_of(samples, partition.rows_of(world.rank()));
    const BatchOrder order(53, 10, 3);
    BatchSource source(order, own, partition, exchange_if_any());
    for (std::uint64_t epoch = 0; epoch < 2; ++epoch)
      for (std::uint64_t step = 0; step < order.steps(); ++step) {
        const std::optional<Batch> rows = source.batch_at({epoch, step});
        ASSERT_TRUE(rows);
        const Range positions = order.positions(step);
        ASSERT_EQ(rows->labels.size(), positions.size());
        for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
          const std::uint64_t row = order.row_at(epoch, p);
          const std::size_t i = p - positions.begin;
          EXPECT_EQ(rows->labels[i], samples.labels[row]);
          EXPECT_EQ(std::memcmp(rows->features[i], all.bytes().data() + row * row_bytes, row_bytes),
                    0);
          EXPECT_EQ(reinterpret_cast<std::uintptr_t>(rows->features[i]) % io::bytes_of(type), 0U);
        }
      }
    source.receive_pending();
  }
}

/// The same with a file; and all ranks learn if one of them can no longer read it.
TEST_F(BatchSourceOnRanks, ReadsRowsFromAFileUntilTheyAreGone) {
  const tests::SharedFolder folder(world);
  const std::string path = folder / "data.h5";
  const tests::Samples samples = tests::random_samples(53, 7, 4, ElementType::float32, 1);
  world.on_root([&] { tests::write_data_file(path, samples, {"a", "b", "c", "d"}); });
  const HostBlock all = tests::shard_of(samples);
  const Partition partition(53, 5, world.size());
  const io::Hdf5File file = io::Hdf5File::open(path);
  const LocalSet own(file, describe(file), partition.rows_of(world.rank()), 5);
  const BatchOrder order(53, 10, 3);
  BatchSource source(order, own, partition, exchange_if_any());
  const auto expect_rows = [&](std::uint64_t epoch, std::uint64_t step) {
    const std::optional<Batch> rows = source.batch_at({epoch, step});
    ASSERT_TRUE(rows);
    const Range positions = order.positions(step);
    for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
      const std::uint64_t row = order.row_at(epoch, p);
      const std::size_t i = p - positions.begin;
      EXPECT_EQ(rows->labels[i], samples.labels[row]);
      EXPECT_EQ(std::memcmp(rows->features[i], all.bytes().data() + row * 28, 28), 0);
    }
  };
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch)
    for (std::uint64_t step = 0; step < order.steps(); ++step) expect_rows(epoch, step);
  for (const std::uint64_t step : {0U, 3U, 1U, 4U, 0U}) expect_rows(5, step);
  source.receive_pending();
  world.barrier();
  EXPECT_NO_THROW(source.require_read());

  // Truncates the last rows, which the last non-empty rank holds.
  world.on_root([&] { std::filesystem::resize_file(path, std::filesystem::file_size(path) / 4); });
  bool complete = true;
  for (std::uint64_t step = 0; step < order.steps() && complete; ++step)
    complete = source.batch_at({9, step}).has_value();
  EXPECT_FALSE(complete);
  source.receive_pending();
  EXPECT_THROW(world.all_agree([&] { source.require_read(); }), comm::AgreedError);
}

// An epoch may be left early, and another step requested than the pending one.
TEST_F(BatchSourceOnRanks, MayBeLeftAtAnyStep) {
  const tests::Samples samples = tests::random_samples(40, 3, 4, ElementType::uint8, 1);
  const Partition partition(40, 7, world.size());
  const LocalSet own = tests::shard_of(samples, partition.rows_of(world.rank()));
  const BatchOrder order(40, 8, 3);
  BatchSource source(order, own, partition, exchange_if_any());
  for (const std::uint64_t step : {0U, 3U, 1U, 4U, 0U}) {
    const std::optional<Batch> rows = source.batch_at({5, step});
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->labels[2], samples.labels[order.row_at(5, 8 * step + 2)]);
  }
  source.receive_pending();
  source.receive_pending();
  EXPECT_EQ(source.batch_at({6, 0})->labels[0], samples.labels[order.row_at(6, 0)]);
  source.receive_pending();
}

TEST(Partition, KnowsWhoseARowIs) {
  for (const std::uint64_t rows : {1U, 10U, 53U, 97U})
    for (const int ranks : {1, 2, 3, 8, 13}) {
      const Partition partition(rows, 5, ranks);
      for (int rank = 0; rank < ranks; ++rank)
        for (std::uint64_t row = partition.rows_of(rank).begin; row < partition.rows_of(rank).end;
             ++row)
          EXPECT_EQ(partition.rank_of(row), rank);
    }
}

}  // namespace
}  // namespace annmpi::data
