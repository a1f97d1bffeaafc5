#include <filesystem>

#include <gtest/gtest.h>

#include "annmpi/config/command_line.hpp"

namespace annmpi::config {
namespace {

TEST(ConfigsFolder, HoldsOnlyWhatThisBuildReads) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ANNMPI_CONFIGS_FOLDER)) {
    if (entry.path().extension() != ".toml") continue;
    ++files;
    EXPECT_NO_THROW((void)load({.config = entry.path().string()})) << entry.path();
  }
  EXPECT_GE(files, 1U);
}

TEST(ConfigsFolder, GalaxyIsTheRunThatReferencesWereMadeOf) {
  const Configuration configuration =
      load({.config = std::string(ANNMPI_CONFIGS_FOLDER) + "/galaxy.toml"});
  Configuration expected;
  expected.data = {"data/galaxy_train.h5", "data/galaxy_test.h5", ""};
  expected.model.l2 = 1.0;
  expected.output.directory = "runs/galaxy";
  EXPECT_EQ(configuration, expected);  // other keys by default: 8 units, seed 917, 600 iterations
}

}  // namespace
}  // namespace annmpi::config
