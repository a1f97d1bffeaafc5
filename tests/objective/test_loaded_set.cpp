#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/device/mini_batch_device.hpp"
#include "annmpi/objective/loaded_set.hpp"

#include "support/forwarding_device.hpp"
#include "support/reference_network.hpp"
#include "support/samples.hpp"
#include "support/shared_folder.hpp"
#include "support/world.hpp"

namespace annmpi::objective {
namespace {

const std::vector<std::string> names{"E", "S", "I"};

using tests::world;

/// A data file written by rank 0, and a device to load its rows.
class LoadedFile {
 public:
  explicit LoadedFile(const tests::Samples& samples)
      : folder_(world()),
        network_(network::make_network({5, 4, 3}, config::Activation::tanh,
                                       config::OutputUnit::softmax)),
        device_(device::make_cpu_device(network_, [](auto) {})) {
    const std::string path = folder_ / "data.h5";
    world().on_root([&] { tests::write_data_file(path, samples, names); });
    set_ = world().all_agree([&] { return data::describe(io::Hdf5File::open(path)); });
  }

  [[nodiscard]] LoadedSet load(std::uint64_t chunk_rows) {
    return objective::load({set_, data::Partition(set_.rows, chunk_rows, world().size())}, *device_,
                           world());
  }
  [[nodiscard]] const data::Dataset& set() const { return set_; }
  [[nodiscard]] device::FullBatchDevice& device() { return *device_; }
  [[nodiscard]] const network::Network& network() const { return network_; }

 private:
  tests::SharedFolder folder_;
  network::Network network_;
  std::unique_ptr<device::FullBatchDevice> device_;
  data::Dataset set_;
};

tests::Samples some_samples() {
  return tests::random_samples(35, 5, 3, io::ElementType::float32, 5);
}

TEST(Load, DealsEveryRowOnceAndHashesThemAll) {
  const tests::Samples samples = some_samples();
  LoadedFile file(samples);
  // 7 rows: a chunk for each of four ranks and one more. 20: fewer chunks than ranks.
  for (const std::uint64_t chunk_rows : {7U, 20U, 100U}) {
    const LoadedSet set = file.load(chunk_rows);
    EXPECT_EQ(set.size(), 35U);
    std::array<std::uint64_t, 1> rows{set.rows->rows()};
    world().sum(rows);
    EXPECT_EQ(rows[0], 35U);
    // The hash that a single rank computes.
    EXPECT_EQ(set.content_hash, data::content_hash(tests::shard_of(samples), chunk_rows));
  }
}

/// Records the facts passed to complete().
class ListeningDevice : public tests::ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;
  void complete(device::DeviceRows& rows, const data::SetFacts& facts) override {
    heard = facts;
    ForwardingDevice::complete(rows, facts);
  }
  data::SetFacts heard;
};

TEST(Load, PassesTheChunksPerBlockToDevices) {
  const tests::Samples samples = some_samples();
  const LoadedFile file(samples);
  ListeningDevice device(device::make_cpu_device(file.network(), [](auto) {}));
  for (const bool streamed : {false, true}) {
    // 9 chunks of 4 rows, 4 at a time on some ranks.
    const std::uint64_t at_a_time = world().is_root() ? 4 : 1;
    const LoadedSet set = objective::load(
        {file.set(), data::Partition(35, 4, world().size()), streamed, at_a_time}, device, world());
    EXPECT_EQ(set.content_hash, data::content_hash(tests::shard_of(samples), 4));
    EXPECT_EQ(device.heard.chunk_rows, 4 * at_a_time);
    EXPECT_EQ(device.heard.chunks, world().is_root() ? 3U : 9U);
  }
}

/// Receives rows in blocks of two chunks through one buffer, as a GPU does.
class BlockDevice : public tests::ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;
  [[nodiscard]] std::unique_ptr<device::DeviceRows> receive(
      const device::RowsToCome& rows, const device::ReadBlock& read) override {
    const data::Range own = rows.rows;
    const auto shard_of = [&](data::Range range) {
      return data::HostBlock(range, rows.set.features, rows.set.type, rows.set.feature_scale);
    };
    data::HostBlock all = shard_of(own);
    data::HostBlock block = shard_of({0, 2 * rows.chunk_rows});
    for (std::uint64_t first = own.begin; first < own.end; first += 2 * rows.chunk_rows) {
      block.take({first, std::min(first + 2 * rows.chunk_rows, own.end)});
      read(block);
      ++blocks;
      const std::size_t before = first - own.begin;
      std::ranges::copy(block.bytes(), all.bytes().begin() + static_cast<std::ptrdiff_t>(
                                                                 before * rows.set.row_bytes()));
      std::ranges::copy(block.labels(), all.labels().begin() + static_cast<std::ptrdiff_t>(before));
    }
    return take(std::move(all));
  }
  int blocks = 0;
};

TEST(Load, CountsNonzeroFeaturesOnRequest) {
  tests::Samples samples = some_samples();
  std::fill_n(samples.values.begin(), 35, 0.0);
  const LoadedFile file(samples);
  const auto device = device::make_cpu_mini_batch_device(file.network(), {10, 1}, {});
  const LoadedSet set =
      objective::load({file.set(), data::Partition(35, 4, world().size())}, *device, world());
  const auto zeros = static_cast<double>(std::ranges::count(samples.values, 0.0));
  EXPECT_EQ(set.rows->facts().filled, (175 - zeros) / 35 / 5);
  EXPECT_EQ(set.content_hash, data::content_hash(tests::shard_of(samples), 4));
}

TEST(DeviceRows, AreNotUsedBeforeTheyAreComplete) {
  const LoadedFile file(some_samples());
  const auto device = device::make_cpu_device(file.network(), [](auto) {});
  const auto rows = device->take(tests::shard_of(some_samples()));
  EXPECT_THROW(device->project(*rows, *device->space().zero()), std::logic_error);
}

TEST(Load, GivesTheSameBitsWhereADeviceTakesRowsInBlocks) {
  const tests::Samples samples = some_samples();
  LoadedFile file(samples);
  BlockDevice device(device::make_cpu_device(file.network(), [](auto) {}));
  const data::DealtSet dealt{file.set(), data::Partition(35, 3, world().size())};
  const LoadedSet in_blocks = objective::load(dealt, device, world());
  const LoadedSet at_once = file.load(3);
  EXPECT_GE(device.blocks, 2);
  EXPECT_EQ(in_blocks.content_hash, at_once.content_hash);
  const auto theta = network::initial_parameters(file.network(), 1.5, 3);
  const auto cost_of = [&](device::FullBatchDevice& with, const LoadedSet& set) {
    const auto point = with.space().zero();
    with.space().upload(theta, *point);
    return measure(with, world(), set, *point, 0.7).cost;
  };
  EXPECT_EQ(cost_of(device, in_blocks), cost_of(file.device(), at_once));
}

TEST(Load, AgreesOnWhatOneRankFindsInItsRows) {
  tests::Samples samples = some_samples();
  samples.values[34 * 5 + 2] = std::numeric_limits<double>::quiet_NaN();  // in the last rank's rows
  LoadedFile file(samples);
  std::string text;
  try {
    (void)file.load(5);
  } catch (const comm::AgreedError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("data.h5: features: row 34, column 2"), std::string::npos) << text;
  EXPECT_EQ(text.find("seen by rank") != std::string::npos, world().size() > 1) << text;
}

TEST(Measure, GivesCostAndAccuracyFromScratchOnAnyNumberOfRanks) {
  const tests::Samples samples = some_samples();
  LoadedFile file(samples);
  const LoadedSet set = file.load(4);
  const auto theta = network::initial_parameters(file.network(), 1.5, 3);
  const auto point = file.device().space().zero();
  file.device().space().upload(theta, *point);
  const Measurement measured = measure(file.device(), world(), set, *point, 0.7);
  const auto expected = tests::reference_cost(file.network(), samples, tests::to_reals(theta), 0.7);
  // Sums over 35 rows and 39 parameters: about a hundred roundings.
  EXPECT_NEAR(measured.cost, static_cast<double>(expected.cost), 1e-14);
  EXPECT_EQ(measured.accuracy, static_cast<double>(expected.hits) / 35);
}

TEST(PenalisedCost, DividesLossAndPenaltyByTheSetsOwnRows) {
  EXPECT_EQ(penalised_cost(12, 0, 5, 4), 3);
  EXPECT_EQ(penalised_cost(12, 2, 5, 4), 3 + 2.0 / 8 * 5);
}

}  // namespace
}  // namespace annmpi::objective
