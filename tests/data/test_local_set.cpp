#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/data/local_set.hpp"

#include "support/samples.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::data {
namespace {

using io::ElementType;

/// A file with rows of 7 values.
class RowSources : public testing::Test {
 protected:
  explicit RowSources(ElementType type = ElementType::float32)
      : samples(tests::random_samples(103, 7, 4, type, 1)) {
    tests::write_data_file(path, samples, {"a", "b", "c", "d"});
  }
  /// Streamed in chunks of 5 rows and blocks of so many bytes.
  [[nodiscard]] LocalSet stream(Range rows, std::size_t block_bytes) const {
    const io::Hdf5File file = io::Hdf5File::open(path);
    return {file, describe(file), rows, 5, block_bytes};
  }
  void expect_own(const HostBlock& block) const {
    const HostBlock expected = tests::shard_of(samples, block.range());
    EXPECT_TRUE(std::ranges::equal(block.bytes(), expected.bytes()));
    EXPECT_TRUE(std::ranges::equal(block.labels(), expected.labels()));
  }

  tests::TemporaryFolder folder;
  std::string path = folder / "data.h5";
  tests::Samples samples;
};

TEST_F(RowSources, HandOutAllRowsInBlocksOfWholeChunksInEveryPass) {
  const std::size_t row_bytes = 7 * 4;
  // Blocks of up to 12 rows: two chunks.
  const LocalSet source = stream({10, 103}, 12 * row_bytes);
  for (int pass = 0; pass < 5; ++pass) {
    std::vector<Range> blocks;
    source.for_each_block([&](const HostBlock& block) {
      blocks.push_back(block.range());
      expect_own(block);
    });
    ASSERT_EQ(blocks.size(), 10U);
    EXPECT_EQ(blocks.front(), (Range{10, 20}));
    EXPECT_EQ(blocks.back(), (Range{100, 103}));
    for (std::size_t i = 1; i < blocks.size(); ++i) EXPECT_EQ(blocks[i].begin, blocks[i - 1].end);
  }
  EXPECT_TRUE(
      std::ranges::equal(source.labels(), tests::shard_of(samples, Range{10, 103}).labels()));
  EXPECT_EQ(source.feature_memory(), 3 * 10 * row_bytes);
  EXPECT_EQ(source.feature_scale(), samples.feature_scale);
  EXPECT_EQ(source.row_bytes(), row_bytes);
}

TEST_F(RowSources, TakeMemoryForBlocksWhateverTheRows) {
  const Dataset set = describe(io::Hdf5File::open(path));
  EXPECT_EQ(stream({0, 100}, 300).feature_memory(), streamed_feature_memory(set, 100, 5, 300));
  EXPECT_EQ(streamed_feature_memory(set, 1'000'000, 5, 300),
            streamed_feature_memory(set, 100, 5, 300));
  // At least one chunk, and at most all rows.
  EXPECT_EQ(streamed_feature_memory(set, 100, 5, 1), 3U * 5 * 28);
  EXPECT_EQ(streamed_feature_memory(set, 2, 5, 300), 3U * 2 * 28);
}

TEST_F(RowSources, OfNoRowsHandOutOneBlockOfNone) {
  for (const LocalSet& source :
       {stream({103, 103}, 100), LocalSet(tests::shard_of(samples, {3, 3}))}) {
    int blocks = 0;
    source.for_each_block([&](const HostBlock& block) {
      ++blocks;
      EXPECT_EQ(block.rows(), 0U);
    });
    EXPECT_EQ(blocks, 1);
    EXPECT_EQ(source.feature_memory(), 0U);
  }
}

TEST_F(RowSources, MayBeLeftWhileTheyReadAhead) {
  for (int i = 0; i < 20; ++i) (void)stream({0, 103}, 28);
}

/// Streams whose file changes between passes, and the errors that they must end with.
class ChangedFiles : public RowSources {
 protected:
  ChangedFiles() {
    // An old time, so that any later change has another one.
    std::filesystem::last_write_time(path, long_ago());
  }
  static std::filesystem::file_time_type long_ago() {
    return std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  }
  template <class Change>
  void expect_end(const std::string& words, Change&& change) const {
    // Three blocks of ten rows are read ahead and one is handed out: rows from 40 on are read
    // later.
    const LocalSet source = stream({0, 103}, 10 * 28);
    const io::RowFile& file = *source.file();
    EXPECT_NO_THROW(file.require_unchanged());
    change();
    for (int pass = 0; pass < 2; ++pass) try {
        for (int i = 0; i < 3; ++i) source.for_each_block([](const HostBlock&) {});
        ADD_FAILURE() << "a file that has changed was read";
      } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).find(path + ": " + words), 0U) << error.what();
      }
    EXPECT_THROW(file.require_unchanged(), Error);
  }
};

TEST_F(ChangedFiles, AreNoticedWhereRowsAreGone) {
  const std::uintmax_t bytes = std::filesystem::file_size(path);
  expect_end(fmt::format("was changed from {} to {} bytes", bytes, bytes / 4),
             [&] { std::filesystem::resize_file(path, bytes / 4); });
}

TEST_F(ChangedFiles, AreNoticedWhereAValueWasWritten) {
  expect_end("was modified", [&] {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('\1');
  });
}

TEST_F(ChangedFiles, AreNoticedWhereAnotherFileTookTheirPlace) {
  expect_end("was replaced by another file", [&] {
    // An exact copy with the same time is still another file.
    std::filesystem::copy_file(path, path + ".new");
    std::filesystem::last_write_time(path + ".new", std::filesystem::last_write_time(path));
    std::filesystem::rename(path + ".new", path);
  });
}

TEST_F(ChangedFiles, AreNoticedWhereTheyWereDeleted) {
  expect_end("is gone (", [&] { std::filesystem::remove(path); });
}

TEST_F(RowSources, RefuseLabelsThatNameNoClass) {
  samples.labels[57] = 4;
  tests::write_data_file(path, samples, {"a", "b", "c", "d"});
  EXPECT_NO_THROW((void)stream({0, 55}, 100));
  EXPECT_THROW((void)stream({55, 103}, 100), Error);
}

}  // namespace
}  // namespace annmpi::data
