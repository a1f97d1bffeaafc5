// annmpi-data: makes, converts and checks annmpi's data files.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "annmpi/base/error.hpp"
#include "annmpi/base/log.hpp"

#include "commands.hpp"
#include "interruption.hpp"

namespace {

using annmpi::Error;
using annmpi::data_tool::Words;
namespace data_tool = annmpi::data_tool;
namespace exit_status = annmpi::exit_status;

struct Command {
  const char* name;
  int (*run)(const Words& words);
};

constexpr std::array commands{
    Command{"csv", data_tool::run_csv},           Command{"idx", data_tool::run_idx},
    Command{"galaxies", data_tool::run_galaxies}, Command{"info", data_tool::run_info},
    Command{"verify", data_tool::run_verify},
};

constexpr auto help =
    "annmpi-data makes, converts and checks the data files of annmpi (HDF5).\n"
    "\n"
    "  annmpi-data csv IN OUT              convert comma-separated values\n"
    "  annmpi-data idx IMAGES LABELS OUT   convert IDX files (MNIST), plain or gzip\n"
    "  annmpi-data galaxies OUT --rows N   make synthetic galaxies, as .csv or .h5\n"
    "  annmpi-data info FILE               show what a data file holds\n"
    "  annmpi-data verify FILE             check a data file\n"
    "\n"
    "annmpi-data COMMAND --help explains a command; --version shows the version.\n"
    "Exit status: 0 success; 2 wrong input or a file that is not sound; 1 a bug in the program.\n";

int run(const Words& words) {
  annmpi::require(!words.empty(), "no command is given; see annmpi-data --help");
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::fputs(help, stdout);
    return exit_status::success;
  }
  if (words[0] == "--version") {
    std::puts("annmpi-data " ANNMPI_VERSION);
    return exit_status::success;
  }
  const auto command = std::find_if(commands.begin(), commands.end(),
                                    [&](const Command& known) { return words[0] == known.name; });
  annmpi::require(
      command != commands.end(),
      "\"{}\" is not a command (csv, idx, galaxies, info and verify are); see annmpi-data "
      "--help",
      words[0]);
  return command->run({words.begin() + 1, words.end()});
}

/// Ends the process by the signal, so that calling scripts stop too.
int end_by(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  return 128 + signal;
}

}  // namespace

int main(int argc, char** argv) {
  annmpi::log::set_program("annmpi-data");
  data_tool::interruption::install();
  try {
    return run({argv + 1, argv + argc});
  } catch (const data_tool::interruption::Interrupted& interrupted) {
    annmpi::log::error("interrupted; nothing was written");
    return end_by(interrupted.signal);
  } catch (const Error& error) {
    annmpi::log::error("{}", error.what());
    return exit_status::wrong_input;
  } catch (const std::exception& fault) {
    annmpi::log::error("internal error: {}", fault.what());
    return exit_status::fault;
  }
}
