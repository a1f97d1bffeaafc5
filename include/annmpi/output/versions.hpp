#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace annmpi::output {

/// Version of annmpi.
[[nodiscard]] std::string program_version();

/// Name and version of the program, the compiler and the libraries that affect results; no version
/// for a library that was not needed.
[[nodiscard]] std::vector<std::pair<std::string, std::optional<std::string>>> versions();

}  // namespace annmpi::output
