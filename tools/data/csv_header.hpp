#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "class_names.hpp"

namespace annmpi::data_tool {

/// Takes the fields of a line one after the other, at its commas; commas within quotes do not
/// count. A line may have millions of fields: no list of them is made.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  /// The next field with its blanks and quotes; false after the last one.
  bool next(std::string_view& field);

 private:
  std::string_view rest_;
  bool ended_ = false;
};

std::size_t count_fields(std::string_view line);

/// How the columns of a CSV file are to be read.
struct CsvFormat {
  std::string path;
  bool has_header = false;
  std::size_t columns = 0;
  std::size_t label_column = 0;
  std::string header;  // the line with the columns' names, where there is one

  /// " (name)" of a column for messages, empty where there is no header.
  [[nodiscard]] std::string name_of(std::size_t column) const;
};

/// Decides from the first line. It is a header if its label is neither a number nor one of the
/// classes, or if none of its features is a number. `label_column` is a column's name, or its
/// number from 0, or from -1 backwards.
/// @throws Error if the label column is not there, or the line is no CSV.
CsvFormat recognise_format(const std::string& path, std::string_view first_line,
                           const std::string& label_column, const ClassNames& classes);

}  // namespace annmpi::data_tool
