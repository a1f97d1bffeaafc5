#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/io/pending_file.hpp"

#include "support/temporary_folder.hpp"

namespace annmpi::io {
namespace {

std::size_t files_in(const tests::TemporaryFolder& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++count;
  return count;
}

TEST(PendingFile, AppearsOnlyWhenCommitted) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "result.txt";
  {
    PendingFile pending(path, false);
    std::ofstream(pending.temporary_path()) << "complete";
    EXPECT_FALSE(std::filesystem::exists(path));
    pending.commit();
  }
  EXPECT_EQ(read_text_file(path), "complete");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(PendingFile, LeavesNothingBehindWithoutCommit) {
  const tests::TemporaryFolder folder;
  {
    PendingFile pending(folder / "result.txt", false);
    std::ofstream(pending.temporary_path()) << "half";
  }
  EXPECT_EQ(files_in(folder), 0U);
}

TEST(PendingFile, KeepsWhatExistsUnlessAsked) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "result.txt";
  write_text_file(path, "old", false);
  EXPECT_THROW(write_text_file(path, "new", false), Error);
  EXPECT_EQ(read_text_file(path), "old");
  write_text_file(path, "new", true);
  EXPECT_EQ(read_text_file(path), "new");
}

TEST(PendingFile, KeepsWhatAppearedMeanwhile) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "result.txt";
  PendingFile pending(path, false);
  std::ofstream(path) << "somebody else's";
  EXPECT_THROW(pending.commit(), Error);
  EXPECT_EQ(read_text_file(path), "somebody else's");
}

TEST(PendingFile, NamesTheFolderThatIsMissing) {
  const tests::TemporaryFolder folder;
  try {
    const PendingFile pending(folder / "absent/result.txt", false);
    FAIL() << "a file in a missing folder was accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("absent"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace annmpi::io
