#include <filesystem>

#include "annmpi/base/error.hpp"
#include "annmpi/config/command_line.hpp"
#include "annmpi/io/pending_file.hpp"

#include "config/ascii.hpp"

namespace annmpi::config {

Configuration load(const CommandLine& command_line) {
  const std::string& path = command_line.config;
  Configuration configuration = read(io::read_text_file(path), path, command_line.overrides);
  if (configuration.output.directory.empty()) {
    const std::string name = std::filesystem::path(path).stem().string();
    require(is_utf8(name),
            "{}: cannot name the output folder (its name is not UTF-8); rename it or give --output",
            path);
    configuration.output.directory = "runs/" + name;
  }
  return configuration;
}

}  // namespace annmpi::config
