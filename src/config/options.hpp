#pragma once

#include <string>

#include "annmpi/base/error.hpp"
#include "annmpi/config/command_line.hpp"

#include "config/literal.hpp"

namespace annmpi::config {

/// An option of `annmpi`: parsing and help are made from this table. Options are applied in the
/// order of the command line, so that of two with one value the later one wins.
struct Option {
  const char* name;
  const char* argument;  ///< empty: takes none
  const char* meaning;
  void (*apply)(CommandLine& command_line, const std::string& value);
};

inline constexpr Option options[] = {
    {"config", "FILE", "the configuration, a TOML file",
     [](CommandLine& line, const std::string& value) { line.config = value; }},
    {"set", "KEY=VALUE", "replace a value of the configuration; repeatable",
     [](CommandLine& line, const std::string& value) {
       line.overrides.push_back(parse_override(value));
     }},
    {"max-iterations", "N", "replace optimizer.max_iterations",
     [](CommandLine& line, const std::string& value) {
       line.overrides.push_back({"optimizer.max_iterations", value, "--max-iterations " + value});
     }},
    {"output", "DIR", "replace output.directory",
     [](CommandLine& line, const std::string& value) {
       // A folder may be called 2024, which would be an integer to TOML.
       line.overrides.push_back({"output.directory", literal(value), "--output " + value});
     }},
    {"seed", "S", "replace model.seed",
     [](CommandLine& line, const std::string& value) {
       line.overrides.push_back({"model.seed", value, "--seed " + value});
     }},
    {"overwrite", "", "replace the run that the output folder holds",
     [](CommandLine& line, const std::string&) { line.overwrite = true; }},
    {"resume", "", "refused: this build writes no checkpoints; see model.start_from",
     [](CommandLine&, const std::string&) {
       throw Error(
           "--resume: this build writes no checkpoints (there is nothing to go on from); to go on "
           "from a model, give --set model.start_from=DIR/model.h5");
     }},
    {"check", "", "check the configuration and the data, and stop before training",
     [](CommandLine& line, const std::string&) { line.check = true; }},
    {"print-config", "", "print every key with its default and its meaning",
     [](CommandLine& line, const std::string&) { line.print_config = true; }},
    {"profile", "", "report more on where time and memory went",
     [](CommandLine& line, const std::string&) { line.profile = true; }},
    {"quiet", "", "show warnings and errors only",
     [](CommandLine& line, const std::string&) { line.quiet = true; }},
    {"version", "", "print the version",
     [](CommandLine& line, const std::string&) { line.version = true; }},
    {"help", "", "print this text",
     [](CommandLine& line, const std::string&) { line.help = true; }},
};

}  // namespace annmpi::config
