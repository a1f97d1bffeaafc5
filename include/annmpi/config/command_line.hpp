#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annmpi/config/configuration.hpp"
#include "annmpi/config/configuration_text.hpp"

namespace annmpi::config {

/// What `annmpi` was asked to do. --set, --max-iterations, --output and --seed are overrides, in
/// the order in which they were given.
struct CommandLine {
  std::string config;  ///< path of the configuration; empty only with help, version, print_config
  std::vector<Override> overrides{};
  bool overwrite = false;     ///< replace the run that the output folder holds
  bool check = false;         ///< stop before training
  bool print_config = false;  ///< print every default and leave
  bool profile = false;       ///< report where the time went
  bool quiet = false;         ///< warnings and errors only
  bool version = false;
  bool help = false;

  /// Whether it can be answered without a configuration and without a job.
  [[nodiscard]] bool asks_a_question() const { return help || version || print_config; }
};

/// Of an option that is given several times the last value counts; all overrides are kept, and
/// `read` takes the last one of each key.
/// @throws Error that says what to do about an option that is unknown, refused or without its
/// value.
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv);

/// The text that --help, --version or --print-config asks for; nothing where a run is asked for or
/// where the command line is wrong, which is for all ranks to agree on. Needs no MPI.
/// @param version of the program
[[nodiscard]] std::optional<std::string> answer(int argc, const char* const* argv,
                                                std::string_view version);

/// Usage, options, keys, exit statuses and examples.
[[nodiscard]] std::string help_text();

/// Reads the file, applies the overrides, and names the output folder after the file where nothing
/// else does. Not collective: one rank reads and shares to_toml() of the result.
/// @throws Error as `read` does, and where the file cannot be read.
[[nodiscard]] Configuration load(const CommandLine& command_line);

}  // namespace annmpi::config
