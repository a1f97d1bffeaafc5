#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "annmpi/config/configuration_text.hpp"
#include "annmpi/io/pending_file.hpp"
#include "annmpi/output/run_folder.hpp"

#include "config/message.hpp"
#include "output/records.hpp"
#include "output/run_recorder.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::output {
namespace {

namespace fs = std::filesystem;
using tests::expect_message;
using tests::message_of;

/// A folder with the files of an old run, and an unrelated one.
class OldRun {
 public:
  OldRun() {
    fs::create_directories(folder.path);
    for (const std::string& file :
         {folder.config(), folder.metrics(), folder.model(), folder.summary(), note()})
      io::write_text_file(file, "old\n", false);
  }
  [[nodiscard]] std::string note() const { return folder.path + "/notes.txt"; }

 private:
  tests::TemporaryFolder temporary_;

 public:
  RunFolder folder{temporary_ / "run"};
};

TEST(RunFolder, NamesTheFilesOfARun) {
  const RunFolder folder{"runs/galaxy"};
  EXPECT_EQ(folder.config(), "runs/galaxy/config.toml");
  EXPECT_EQ(folder.metrics(), "runs/galaxy/metrics.csv");
  EXPECT_EQ(folder.model(), "runs/galaxy/model.h5");
  EXPECT_EQ(folder.summary(), "runs/galaxy/summary.json");
}

TEST(RunFolder, IsMadeWithAllFoldersOnTheWay) {
  const tests::TemporaryFolder temporary;
  const RunFolder folder{temporary / "runs/a b/1"};
  EXPECT_NO_THROW(require_usable(folder));
  EXPECT_FALSE(fs::exists(temporary / "runs")) << "looking must change nothing";
  prepare(folder);
  EXPECT_TRUE(fs::is_directory(folder.path));
}

TEST(RunFolder, KeepsARunThatNobodyAskedToReplace) {
  const OldRun run;
  expect_message(message_of([&] { require_usable(run.folder); }),
                 {run.folder.path, "already holds a run", "--output", "--overwrite"});
  expect_message(message_of([&] { prepare(run.folder); }), {run.folder.path});
  EXPECT_TRUE(fs::exists(run.folder.metrics()));
  // Any single file of a run counts as a run.
  for (const std::string& file : {run.folder.config(), run.folder.metrics(), run.folder.summary()})
    fs::remove(file);
  EXPECT_NE(message_of([&] { require_usable(run.folder); }), "");
}

TEST(RunFolder, MayHoldOtherPeoplesFiles) {
  const tests::TemporaryFolder temporary;
  io::write_text_file(temporary / "notes.txt", "mine\n", false);
  EXPECT_NO_THROW(prepare(RunFolder{temporary.path().string()}));
  EXPECT_TRUE(fs::exists(temporary / "notes.txt"));
}

TEST(RunFolder, LosesOnlyTheRunsFilesWhenReplaced) {
  const OldRun run;
  const RunFolder replaced{run.folder.path, Existing::replace};
  EXPECT_NO_THROW(require_usable(replaced));
  EXPECT_TRUE(fs::exists(run.folder.model())) << "looking must change nothing";
  prepare(replaced);
  EXPECT_TRUE(fs::exists(run.note()));
  EXPECT_EQ(std::distance(fs::directory_iterator(run.folder.path), {}), 1);
}

TEST(RunFolder, SaysWhatIsInTheWay) {
  const tests::TemporaryFolder temporary;
  io::write_text_file(temporary / "file", "\n", false);
  const auto complaint = [&](const std::string& name, Existing existing) {
    return message_of([&] { require_usable(RunFolder{temporary / name, existing}); });
  };
  expect_message(complaint("file", Existing::replace), {"file: is a file", "--output"});
  expect_message(complaint("file/run/1", Existing::refuse), {"file/run/1", "--output"});
  expect_message(message_of([] {
                   require_usable(RunFolder{"/proc/annmpi/run"});
                   prepare(RunFolder{"/proc/annmpi/run"});
                 }),
                 {"/proc/annmpi/run", "--output"});
}

TEST(RunRecorder, MakesTheFolderWithTheFirstRecord) {
  const tests::TemporaryFolder temporary;
  const RunFolder folder{temporary / "runs/1"};
  config::Configuration configuration;
  configuration.data.train = "a b.h5";
  RunRecorder recorder(folder, configuration);
  EXPECT_FALSE(fs::exists(folder.path));
  recorder.observe(tests::some_record());
  recorder.observe(tests::some_record());
  EXPECT_EQ(io::read_text_file(folder.config()), config::to_toml(configuration));
  const std::string metrics = io::read_text_file(folder.metrics());
  EXPECT_EQ(std::ranges::count(metrics, '\n'), 3);  // the header and two rows
}

TEST(RunRecorder, LeavesNothingWhereItCannotWrite) {
  const tests::TemporaryFolder temporary;
  const RunFolder folder{temporary / "run", Existing::replace};
  // A folder in the place of metrics.csv: config.toml is written, metrics.csv cannot be.
  fs::create_directories(folder.metrics() + "/in the way");
  RunRecorder recorder(folder, {});
  EXPECT_NE(message_of([&] { recorder.observe(tests::some_record()); }), "");
  EXPECT_FALSE(fs::exists(folder.config()));
}

}  // namespace
}  // namespace annmpi::output
