#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annmpi/config/configuration.hpp"
#include "annmpi/config/configuration_text.hpp"

namespace annmpi::config {

/// The parsed command line of `annmpi`. --set, --max-iterations, --output and --seed become
/// overrides, in the order in which they were given.
struct CommandLine {
  std::string config;  ///< path of the configuration; empty only with help, version, print_config
  std::vector<Override> overrides{};
  bool overwrite = false;     ///< replace the run in the output folder
  bool check = false;         ///< stop before training
  bool print_config = false;  ///< print all defaults and exit
  bool profile = false;       ///< report times, rates and memory in detail
  bool quiet = false;         ///< warnings and errors only
  bool version = false;
  bool help = false;

  /// Whether it can be answered without a configuration and without MPI.
  [[nodiscard]] bool asks_a_question() const { return help || version || print_config; }
};

/// If an option is given several times, the last value counts; all overrides are kept, and `read`
/// uses the last one of each key.
/// @throws Error for an option that is unknown, refused or lacks its value.
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv);

/// The output of --help, --version or --print-config; nothing for a run or a wrong command line,
/// whose error all ranks must agree on. Does not use MPI.
/// @param version of the program
[[nodiscard]] std::optional<std::string> answer(int argc, const char* const* argv,
                                                std::string_view version);

/// Usage, options, keys, exit statuses and examples.
[[nodiscard]] std::string help_text();

/// Reads the file, applies the overrides, and names the output folder after the file by default.
/// Not collective: one rank reads and broadcasts to_toml() of the result.
/// @throws Error as `read` does, and where the file cannot be read.
[[nodiscard]] Configuration load(const CommandLine& command_line);

}  // namespace annmpi::config
