#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace annmpi::output {

/// annmpi's own version.
[[nodiscard]] std::string program_version();

/// Name and version of the program, the compiler and the libraries that take part in results;
/// without a version where a library was not needed.
[[nodiscard]] std::vector<std::pair<std::string, std::optional<std::string>>> versions();

}  // namespace annmpi::output
