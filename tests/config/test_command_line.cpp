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
  expect_refused({"--confg", "a.toml"},
                 {"--confg: is an unknown option (the nearest is --config)", "--help"});
  expect_refused({"--max-iteration=4"},
                 {"--max-iteration: is an unknown option", "--max-iterations"});
  expect_refused({"--frobnicate"}, {"--frobnicate: is an unknown option", "--help"});
  expect_refused({"-h"}, {"-h: is an unknown option", "--help"});
  expect_refused({"-x", "3"}, {"-x: is an unknown option"});
}

TEST(CommandLine, RefusesAbbreviations) {
  expect_refused({"--conf", "a.toml"}, {"--conf: is an unknown option (the nearest is --config)"});
  expect_refused({"--over"}, {"--over: is an unknown option (the nearest is --overwrite)"});
}

TEST(CommandLine, RefusesWordsOfNoOption) {
  expect_refused({"a.toml"}, {"\"a.toml\": is not an option", "write --config a.toml"});
  expect_refused({"--config", "a.toml", "stray"}, {"\"stray\": is not an option", "--help"});
  expect_refused({"--config", "a.toml", "model.l2=1"}, {"write --set model.l2=1"});
  expect_refused({"--config", "a.toml", "--set", "model.l2=1", "stray"}, {"is not an assignment"});
  expect_refused({"--", "a.toml"}, {"--"});
  expect_refused({""}, {"\"\": is not an option"});
}

TEST(CommandLine, RefusesMissingValues) {
  expect_refused({"--config"}, {"--config: needs a value", "write --config FILE"});
  expect_refused({"--config="}, {"--config: needs a value"});
  expect_refused({"--config", ""}, {"--config: needs a value"});
  expect_refused({"--config", "a.toml", "--set"}, {"--set: needs a value", "KEY=VALUE"});
  expect_refused({"--config", "a.toml", "--seed"}, {"--seed: needs a value", "write --seed S"});
  expect_refused({"--output", "--quiet", "--config", "a.toml"}, {"--output: needs a value"});
  expect_refused({"--set", "--config", "a.toml"}, {"--set: needs a value"});
}

TEST(CommandLine, RefusesValuesOfSwitches) {
  expect_refused({"--check=3"}, {"--check: takes no value", "write --check alone"});
}

TEST(CommandLine, TakesTheLaterOfTwoConfigurations) {
  EXPECT_EQ(parse({"--config", "a.toml", "--config=b.toml"}).config, "b.toml");
}

TEST(CommandLine, TakesASwitchTwice) {
  EXPECT_TRUE(parse({"--quiet", "--config", "a.toml", "--quiet"}).quiet);
}

TEST(CommandLine, RefusesToResumeAndPointsToStartFrom) {
  expect_refused({"--config", "a.toml", "--resume"},
                 {"--resume: this build writes no checkpoints (there is nothing to resume); to "
                  "continue from a model, give --set model.start_from="});
  expect_refused({"--config", "a.toml", "--overwrite", "--resume"}, {"--resume: "});
}

std::optional<std::string> answer_to(std::vector<const char*> words) {
  words.insert(words.begin(), "annmpi");
  return answer(static_cast<int>(words.size()), words.data(), "1.2.3");
}

TEST(Answer, IsWhatWasAskedFor) {
  EXPECT_EQ(answer_to({"--help"}), help_text());
  EXPECT_EQ(answer_to({"--version"}), "annmpi 1.2.3");
  EXPECT_EQ(answer_to({"--print-config"}), print_config());
  EXPECT_EQ(answer_to({"--print-config", "--version", "--help"}), help_text());
}

TEST(Answer, PrintsDefaultsWhateverElseIsGiven) {
  EXPECT_EQ(answer_to({"--config", "absent.toml", "--set", "model.l2=3", "--print-config"}),
            print_config());
}

TEST(Answer, LeavesRunsAndErrorsToTheJob) {
  EXPECT_EQ(answer_to({"--config", "a.toml"}), std::nullopt);
  EXPECT_EQ(answer_to({}), std::nullopt);
  EXPECT_EQ(answer_to({"--help", "--frobnicate"}), std::nullopt);
  EXPECT_EQ(answer_to({"--version", "--output"}), std::nullopt);
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

TEST_F(Load, TakesTheLastValueOfAKeyWhateverOptionGivesIt) {
  const Configuration options = load_with({"--max-iterations", "5", "--max-iterations=6", "--seed",
                                           "1", "--seed", "2", "--output", "a", "--output", "b"});
  EXPECT_EQ(options.optimizer.max_iterations, 6);
  EXPECT_EQ(options.model.seed, 2U);
  EXPECT_EQ(options.output.directory, "b");
  EXPECT_EQ(load_with({"--set", "optimizer.max_iterations=5", "--max-iterations", "7"})
                .optimizer.max_iterations,
            7);
  EXPECT_EQ(load_with({"--max-iterations", "7", "--set", "optimizer.max_iterations=5"})
                .optimizer.max_iterations,
            5);
}

TEST_F(Load, ChecksOnlyTheValueThatCounts) {
  EXPECT_EQ(load_with({"--seed", "-5", "--seed", "5"}).model.seed, 5U);
  tests::expect_message(tests::message_of([&] {
                          (void)load_with({"--seed", "5", "--set", "model.seed=-5"});
                        }),
                        {"--set model.seed=-5: model.seed = -5: is out of range"});
}

TEST_F(Load, ChecksThemLikeTheFile) {
  const auto message = [&](const std::vector<const char*>& words) {
    return tests::message_of([&] { (void)load_with(words); });
  };
  tests::expect_message(message({"--seed", "-5"}), {"--seed -5: model.seed = -5: is out of range"});
  tests::expect_message(message({"--seed", "abc"}), {"--seed abc: ", "is a string", "an integer"});
  tests::expect_message(message({"--max-iterations", "1e3"}),
                        {"--max-iterations 1e3: ", "the integer is 1000"});
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
