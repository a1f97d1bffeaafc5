#pragma once

#include <string>
#include <vector>

#include "annmpi/config/configuration.hpp"
#include "annmpi/config/configuration_text.hpp"

namespace annmpi::config {

/// What `annmpi` was asked to do. --set, --max-iterations, --output and --seed are overrides.
struct CommandLine {
  std::string config;  ///< path of the configuration; empty only with help, version, print_config
  std::vector<Override> overrides{};
  bool overwrite = false;     ///< replace the run that the output folder holds
  bool resume = false;        ///< continue from its checkpoint; without one, begin anew
  bool check = false;         ///< stop before training
  bool print_config = false;  ///< print every default and leave
  bool profile = false;       ///< report where the time went
  bool quiet = false;         ///< warnings and errors only
  bool version = false;
  bool help = false;
};

/// @throws Error that says what to do about an option that is unknown, repeated, without its value
/// or in contradiction to another one.
[[nodiscard]] CommandLine parse_command_line(int argc, const char* const* argv);

/// Usage, options, keys, exit statuses and examples.
[[nodiscard]] std::string help_text();

/// Reads the file, applies the overrides, and names the output folder after the file where nothing
/// else does. Not collective: one rank reads and shares to_toml() of the result.
/// @throws Error as `read` does, and where the file cannot be read.
[[nodiscard]] Configuration load(const CommandLine& command_line);

}  // namespace annmpi::config
