#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/data/host_block.hpp"

#include "config/message.hpp"
#include "support/samples.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::data {
namespace {

using io::ElementType;
using tests::expect_message;
using tests::message_of;
using tests::Samples;

const std::vector<std::string> names{"E", "S", "I"};

/// Reads rows of a file that contains these samples.
HostBlock read(const Samples& samples, Range rows) {
  const tests::TemporaryFolder folder;
  tests::write_data_file(folder / "data.h5", samples, names);
  const io::Hdf5File file = io::Hdf5File::open(folder / "data.h5");
  return read_block(file, describe(file), rows);
}

std::string complaint(const Samples& samples, Range rows) {
  return message_of([&] { (void)read(samples, rows); });
}

TEST(ReadShard, HoldsItsRowsAsTheFileStoresThem) {
  for (const auto type : {ElementType::uint8, ElementType::float32, ElementType::float64}) {
    const Samples samples = tests::random_samples(20, 7, 3, type, 1);
    const HostBlock shard = read(samples, {5, 12});
    const HostBlock expected = tests::shard_of(samples, {5, 12});
    EXPECT_EQ(shard.range(), (Range{5, 12}));
    EXPECT_EQ(shard.rows(), 7U);
    EXPECT_EQ(shard.columns(), 7U);
    EXPECT_EQ(shard.type(), type);
    EXPECT_EQ(shard.feature_scale(), samples.feature_scale);
    EXPECT_EQ(shard.size_in_bytes(), 49 * io::bytes_of(type));
    EXPECT_TRUE(std::ranges::equal(shard.bytes(), expected.bytes()));
    EXPECT_TRUE(std::ranges::equal(shard.labels(), expected.labels()));
  }
}

TEST(ReadShard, MayHoldNoRows) {
  const HostBlock shard = read(tests::random_samples(20, 7, 3, ElementType::float32, 1), {20, 20});
  EXPECT_EQ(shard.rows(), 0U);
  EXPECT_EQ(shard.size_in_bytes(), 0U);
  EXPECT_EQ(content_hash(shard, 96), 0U);
}

TEST(ReadShard, NamesRowAndColumnOfAFeatureThatIsNotFinite) {
  using Limits = std::numeric_limits<double>;
  for (const auto type : {ElementType::float32, ElementType::float64})
    for (const double wrong : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
      Samples samples = tests::random_samples(20, 7, 3, type, 1);
      samples.values[11 * 7 + 4] = wrong;
      // Row numbers count from the start of the file, not of the block.
      expect_message(complaint(samples, {5, 20}), {"data.h5: features", "row 11, column 4"});
      EXPECT_NO_THROW((void)read(samples, {12, 20}));
    }
}

TEST(ReadShard, NamesTheRowOfALabelThatNamesNoClass) {
  for (const std::int32_t wrong : {-1, 3, std::numeric_limits<std::int32_t>::max()}) {
    Samples samples = tests::random_samples(20, 7, 3, ElementType::uint8, 1);
    samples.labels[9] = wrong;
    expect_message(complaint(samples, {5, 20}),
                   {"data.h5: labels", "row 9 is " + std::to_string(wrong), "0 to 2"});
  }
}

TEST(ReadShard, DoesNotTakeLabelsOf64BitsForSmallOnes) {
  // 2^32 + 1 truncated to 32 bits would be class 1.
  const tests::TemporaryFolder folder;
  const std::string path = folder / "data.h5";
  {
    io::Hdf5File file = io::Hdf5File::create(path, path);
    file.create_dataset("features", ElementType::float64, {2, 1})
        .write_rows<double>(0, 2, std::vector<double>{1, 2});
    file.create_dataset("labels", ElementType::int64, {2})
        .write_rows<std::int64_t>(0, 2, std::vector<std::int64_t>{0, (std::int64_t{1} << 32) + 1});
    file.close();
  }
  const io::Hdf5File file = io::Hdf5File::open(path);
  Dataset set = describe(file);
  set.class_names = {"0", "1"};
  expect_message(message_of([&] { (void)read_block(file, set, {0, 2}); }), {"labels", "row 1 "});
}

/// The sum over ranks of their blocks' hashes.
std::uint64_t hash_on(int ranks, const Samples& samples, std::uint64_t chunk_rows) {
  const Partition partition(samples.rows, chunk_rows, ranks);
  std::uint64_t hash = 0;
  for (int rank = 0; rank < ranks; ++rank)
    hash += content_hash(tests::shard_of(samples, partition.rows_of(rank)), chunk_rows);
  return hash;
}

TEST(ContentHash, IsTheSameOnAnyNumberOfRanks) {
  for (const auto type : {ElementType::uint8, ElementType::float32, ElementType::float64}) {
    const Samples samples = tests::random_samples(61, 5, 3, type, 2);
    for (int ranks = 2; ranks <= 8; ++ranks)
      EXPECT_EQ(hash_on(ranks, samples, 10), hash_on(1, samples, 10)) << ranks << " ranks";
  }
}

TEST(ContentHash, ChangesWithEveryValueAndLabel) {
  const Samples samples = tests::random_samples(25, 3, 3, ElementType::uint8, 3);
  const std::uint64_t original = hash_on(2, samples, 10);
  for (std::size_t i = 0; i < samples.values.size(); ++i) {
    Samples changed = samples;
    changed.values[i] = changed.values[i] == 255 ? 254 : changed.values[i] + 1;
    ASSERT_NE(hash_on(2, changed, 10), original) << "value " << i;
  }
  for (std::size_t i = 0; i < samples.labels.size(); ++i) {
    Samples changed = samples;
    changed.labels[i] = (changed.labels[i] + 1) % 3;
    ASSERT_NE(hash_on(2, changed, 10), original) << "label " << i;
  }
}

TEST(ContentHash, DependsOnTheOrderOfChunks) {
  Samples samples = tests::random_samples(20, 3, 3, ElementType::uint8, 4);
  const std::uint64_t original = hash_on(1, samples, 10);
  std::rotate(samples.values.begin(), samples.values.begin() + 30, samples.values.end());
  std::rotate(samples.labels.begin(), samples.labels.begin() + 10, samples.labels.end());
  EXPECT_NE(hash_on(1, samples, 10), original);
}

TEST(LargestFeature, IsFoundWhereverItIs) {
  EXPECT_EQ(largest_feature(HostBlock({0, 0}, 5, ElementType::float32, 1)), 0);
  for (const auto type : {ElementType::uint8, ElementType::float32, ElementType::float64})
    for (const std::uint64_t columns : {1U, 9U, 50U}) {  // with and without partial vectors
      Samples samples{3, columns, type, 1, std::vector<double>(3 * columns, 0.0), {0, 1, 2}};
      for (double& value : samples.values) {
        value = type == ElementType::uint8 ? 251 : -251;
        EXPECT_EQ(largest_feature(tests::shard_of(samples)), 251);
        value = 3;
      }
      EXPECT_EQ(largest_feature(tests::shard_of(samples)), 3);
    }
}

}  // namespace
}  // namespace annmpi::data
