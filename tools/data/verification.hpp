#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data_file.hpp"

namespace annmpi::data_tool {

/// Rows of each class. @throws Error that names the row of an invalid label.
std::vector<std::uint64_t> count_classes(const DataFile& file);

/// The class names of the file, or numbers.
std::vector<std::string> names_of_classes(const DataFile& file, std::size_t count);

/// Checks the whole file against the schema and returns one line per check, including those that
/// were not possible. @throws Error at the first fault.
std::vector<std::string> verify(const DataFile& file);

}  // namespace annmpi::data_tool
