#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "class_names.hpp"

namespace annmpi::data_tool {

/// The fields of a line, at its commas; commas within quotes do not count.
std::vector<std::string_view> split_fields(std::string_view line);

/// How the columns of a CSV file are to be read.
struct CsvFormat {
  std::string path;
  bool has_header = false;
  std::size_t columns = 0;
  std::size_t label_column = 0;
  std::vector<std::string> names;  // of the columns, where there is a header
};

/// Decides from the first line. It is a header if its label is neither a number nor one of the
/// classes, or if none of its features is a number. `label_column` is a column's name, or its
/// number from 0, or from -1 backwards.
/// @throws Error if the label column is not there, or the line is no CSV.
CsvFormat recognise_format(const std::string& path, std::string_view first_line,
                           const std::string& label_column, const ClassNames& classes);

}  // namespace annmpi::data_tool
