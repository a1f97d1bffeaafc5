#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data_file.hpp"

namespace annmpi::data_tool {

/// Rows of each class. @throws Error that names the row of a label that is no class.
std::vector<std::uint64_t> count_classes(const DataFile& file);

/// The names that the file gives, or numbers.
std::vector<std::string> names_of_classes(const DataFile& file, std::size_t count);

/// Checks everything that a data file promises, and returns what was checked and what could not
/// be, one line each. @throws Error at the first thing that is wrong.
std::vector<std::string> verify(const DataFile& file);

}  // namespace annmpi::data_tool
