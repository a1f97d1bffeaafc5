#pragma once

#include <string>

#include "annmpi/base/error.hpp"
#include "annmpi/config/command_line.hpp"

#include "config/literal.hpp"

namespace annmpi::config {

/// An option of `annmpi`: parsing and help are generated from this table. Options are applied in
/// the order of the command line, so the last value wins.
struct Option {
  const char* name;
  const char* argument;  ///< empty: none
  const char* meaning;
  void (*apply)(CommandLine& command_line, const std::string& value);
};

inline constexpr Option options[] = {
    {"config", "FILE", "configuration, a TOML file",
     [](CommandLine& line, const std::string& value) { line.config = value; }},
    {"set", "KEY=VALUE", "override a value of the configuration; repeatable",
     [](CommandLine& line, const std::string& value) {
       line.overrides.push_back(parse_override(value));
     }},
    {"max-iterations", "N", "override optimizer.max_iterations",
     [](CommandLine& line, const std::string& value) {
       line.overrides.push_back({"optimizer.max_iterations", value, "--max-iterations " + value});
     }},
    {"output", "DIR", "override output.directory",
     [](CommandLine& line, const std::string& value) {
       // A folder may be called 2024, which is an integer in TOML.
       line.overrides.push_back({"output.directory", literal(value), "--output " + value});
     }},
    {"seed", "S", "override model.seed",
     [](CommandLine& line, const std::string& value) {
       line.overrides.push_back({"model.seed", value, "--seed " + value});
     }},
    {"overwrite", "", "replace the run in the output folder",
     [](CommandLine& line, const std::string&) { line.overwrite = true; }},
    {"resume", "", "refused: this build writes no checkpoints; see model.start_from",
     [](CommandLine&, const std::string&) {
       throw Error(
           "--resume: this build writes no checkpoints (there is nothing to resume); to continue "
           "from a model, give --set model.start_from=DIR/model.h5");
     }},
    {"check", "", "check the configuration and the data, then exit without training",
     [](CommandLine& line, const std::string&) { line.check = true; }},
    {"print-config", "", "print every key with its default and its meaning",
     [](CommandLine& line, const std::string&) { line.print_config = true; }},
    {"profile", "", "report times, rates and memory in more detail",
     [](CommandLine& line, const std::string&) { line.profile = true; }},
    {"quiet", "", "print warnings and errors only",
     [](CommandLine& line, const std::string&) { line.quiet = true; }},
    {"version", "", "print the version",
     [](CommandLine& line, const std::string&) { line.version = true; }},
    {"help", "", "print this text",
     [](CommandLine& line, const std::string&) { line.help = true; }},
};

}  // namespace annmpi::config
