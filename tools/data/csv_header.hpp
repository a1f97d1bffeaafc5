#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "class_names.hpp"

namespace annmpi::data_tool {

/// Splits a line into fields at its commas, except commas within quotes, one at a time: a line may
/// have millions of fields, so no list is made.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  /// The next field, including blanks and quotes; false after the last one.
  bool next(std::string_view& field);

 private:
  std::string_view rest_;
  bool ended_ = false;
};

std::size_t count_fields(std::string_view line);

/// The format of a CSV file.
struct CsvFormat {
  std::string path;
  bool has_header = false;
  std::size_t columns = 0;
  std::size_t label_column = 0;
  std::string header;  // the line with the columns' names, or empty

  /// " (name)" of a column for messages, empty without a header.
  [[nodiscard]] std::string name_of(std::size_t column) const;
};

/// Determines the format from the first line. It is a header if its label is neither a number nor
/// one of the classes, or if none of its features is a number. `label_column` is a column's name,
/// its number from 0, or a negative number that counts from the end.
/// @throws Error if there is no such column, or the line is not CSV.
CsvFormat recognise_format(const std::string& path, std::string_view first_line,
                           const std::string& label_column, const ClassNames& classes);

}  // namespace annmpi::data_tool
