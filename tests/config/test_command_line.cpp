#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "annmpi/config/command_line.hpp"
#include "annmpi/io/pending_file.hpp"

#include "config/message.hpp"
#include "config/options.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::config {
namespace {

CommandLine parse(std::vector<const char*> words) {
  words.insert(words.begin(), "annmpi");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

void expect_refused(const std::vector<const char*>& words,
                    std::initializer_list<std::string_view> parts) {
  tests::expect_message(tests::message_of([&] { (void)parse(words); }), parts);
}

TEST(CommandLine, TakesEveryOption) {
  const CommandLine line =
      parse({"--config", "a.toml", "--set", "model.l2=1", "--max-iterations", "5", "--output",
             "runs/b", "--seed", "3", "--overwrite", "--check", "--print-config", "--profile",
             "--quiet", "--version", "--help"});
  EXPECT_EQ(line.config, "a.toml");
  EXPECT_EQ(line.overrides.size(), 4U);
  EXPECT_TRUE(line.overwrite && line.check && line.print_config && line.profile && line.quiet &&
              line.version && line.help);
  EXPECT_FALSE(line.resume);
  EXPECT_TRUE(parse({"--config=a.toml", "--resume"}).resume);
}

TEST(CommandLine, TakesSeveralAssignmentsAfterOneSet) {
  const CommandLine line = parse({"--set", "model.l2=1", "model.seed=2", "--set=data.test=c.h5",
                                  "--config", "a.toml", "--set", "compute.device=cpu"});
  ASSERT_EQ(line.overrides.size(), 4U);
  EXPECT_EQ(line.overrides[1].key, "model.seed");
  EXPECT_EQ(line.overrides[1].value, "2");
  EXPECT_EQ(line.overrides[2].value, "c.h5");
}

TEST(CommandLine, NeedsNoConfigurationToInform) {
  EXPECT_TRUE(parse({"--help"}).help);
  EXPECT_TRUE(parse({"--version"}).version);
  EXPECT_TRUE(parse({"--print-config"}).print_config);
}

TEST(CommandLine, PointsToAConfigurationWhereNoneIsNamed) {
  expect_refused({}, {"--config: is missing", "configs/", "--help"});
  expect_refused({"--check"}, {"--config: is missing"});
}

TEST(CommandLine, RefusesUnknownOptionsWithTheNearestName) {
  expect_refused({"--confg", "a.toml"}, {"--confg: is no option", "write --config"});
  expect_refused({"--max-iteration=4"}, {"--max-iteration: is no option", "--max-iterations"});
  expect_refused({"--frobnicate"}, {"--frobnicate: is no option", "--help"});
  expect_refused({"-h"}, {"-h: is no option", "--help"});
  expect_refused({"-x", "3"}, {"-x: is no option"});
}

TEST(CommandLine, RefusesAbbreviations) {
  expect_refused({"--conf", "a.toml"}, {"--conf: is no option", "write --config"});
  expect_refused({"--over"}, {"--over: is no option", "write --overwrite"});
}

TEST(CommandLine, RefusesWordsOfNoOption) {
  expect_refused({"a.toml"}, {"\"a.toml\": belongs to no option", "write --config a.toml"});
  expect_refused({"--config", "a.toml", "stray"}, {"\"stray\": belongs to no option", "--help"});
  expect_refused({"--config", "a.toml", "model.l2=1"}, {"write --set model.l2=1"});
  expect_refused({"--config", "a.toml", "--set", "model.l2=1", "stray"}, {"is no assignment"});
  expect_refused({"--", "a.toml"}, {"--"});
  expect_refused({""}, {"\"\": belongs to no option"});
}

TEST(CommandLine, RefusesMissingValues) {
  expect_refused({"--config"}, {"--config: has no value", "write --config FILE"});
  expect_refused({"--config="}, {"--config: has no value"});
  expect_refused({"--config", ""}, {"--config: has no value"});
  expect_refused({"--config", "a.toml", "--set"}, {"--set: has no value", "KEY=VALUE"});
  expect_refused({"--config", "a.toml", "--seed"}, {"--seed: has no value", "write --seed S"});
  expect_refused({"--output", "--resume", "--config", "a.toml"}, {"--output: has no value"});
  expect_refused({"--set", "--config", "a.toml"}, {"--set: has no value"});
}

TEST(CommandLine, RefusesValuesOfSwitches) {
  expect_refused({"--check=3"}, {"--check: takes no value", "write --check alone"});
}

TEST(CommandLine, RefusesRepetitions) {
  expect_refused({"--config", "a.toml", "--config", "b.toml"}, {"--config: is given twice"});
  expect_refused({"--seed", "1", "--config", "a.toml", "--seed=1"}, {"--seed: is given twice"});
  expect_refused({"--quiet", "--quiet", "--config", "a.toml"}, {"--quiet: is given twice"});
}

TEST(CommandLine, RefusesToOverwriteWhatItResumes) {
  expect_refused({"--config", "a.toml", "--overwrite", "--resume"},
                 {"--overwrite and --resume", "give one"});
}

TEST(HelpText, NamesEveryOptionEveryKeyAndEveryStatus) {
  const std::string text = help_text();
  for (const Option& option : options)
    EXPECT_NE(text.find(fmt::format("\n  --{} {}", option.name, option.argument)),
              std::string::npos)
        << option.name;
  const Configuration configuration;
  for_each_setting(configuration, [&](std::string_view, const auto& setting, const auto&) {
    EXPECT_NE(text.find(fmt::format(" {}", setting.key)), std::string::npos) << setting.key;
  });
  for (const char* part : {"\n  0 ", "\n  2 ", "\n  3 ", "\n  85 ", "mpirun -n", "configs/"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(HelpText, FitsATerminal) {
  std::istringstream lines(help_text());
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

class Load : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    io::write_text_file(folder_ / name, text, true);
    return folder_ / name;
  }

  Configuration load_with(std::vector<const char*> words) {
    const std::string path = file("galaxy.toml", "data.train = 'a.h5'\n");
    words.insert(words.begin(), {"--config", path.c_str()});
    return load(parse(words));
  }

  tests::TemporaryFolder folder_;
};

TEST_F(Load, NamesTheOutputFolderAfterTheFile) {
  EXPECT_EQ(load_with({}).output.directory, "runs/galaxy");
  EXPECT_EQ(load({.config = file("a.b.toml", "data.train = 'a'")}).output.directory, "runs/a.b");
  EXPECT_EQ(load({.config = file("c.toml", "data.train = 'a'\noutput.directory = 'here'")})
                .output.directory,
            "here");
}

TEST_F(Load, AppliesTheOptionsThatAreOverrides) {
  const Configuration configuration = load_with(
      {"--max-iterations", "5", "--seed", "3", "--output", "2024", "--set", "model.hidden=[25]"});
  EXPECT_EQ(configuration.optimizer.max_iterations, 5);
  EXPECT_EQ(configuration.model.seed, 3U);
  EXPECT_EQ(configuration.output.directory, "2024");
  EXPECT_EQ(configuration.model.hidden, std::vector<std::int64_t>{25});
}

TEST_F(Load, ChecksThemLikeTheFile) {
  const auto message = [&](const std::vector<const char*>& words) {
    return tests::message_of([&] { (void)load_with(words); });
  };
  tests::expect_message(message({"--seed", "-5"}), {"--seed -5: model.seed = -5: is out of range"});
  tests::expect_message(message({"--seed", "abc"}), {"--seed abc: ", "is a text", "an integer"});
  tests::expect_message(message({"--max-iterations", "1e3"}),
                        {"--max-iterations 1e3: ", "the integer is 1000"});
  tests::expect_message(message({"--seed", "3", "--set", "model.seed=3"}),
                        {"--set model.seed=3: sets model.seed again (--seed 3 did"});
  tests::expect_message(message({"--output", "\xff"}), {"--output", "is not UTF-8"});
}

TEST_F(Load, NamesTheFileInMessages) {
  const std::string path = file("wrong.toml", "[data]\ntrain = 3\n");
  tests::expect_message(tests::message_of([&] { (void)load({.config = path}); }),
                        {path + ":2: data.train"});
  tests::expect_message(tests::message_of([&] { (void)load({.config = folder_ / "absent"}); }),
                        {"absent: cannot be read"});
  tests::expect_message(tests::message_of([&] { (void)load({.config = folder_ / "."}); }),
                        {"is a folder"});
}

TEST_F(Load, RefusesAFileNameThatCannotNameAFolder) {
  const std::string path = file("\xff.toml", "data.train = 'a'");
  tests::expect_message(tests::message_of([&] { (void)load({.config = path}); }), {"not UTF-8"});
}

}  // namespace
}  // namespace annmpi::config
