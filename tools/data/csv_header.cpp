#include "csv_header.hpp"

#include <optional>

#include "annmpi/base/error.hpp"

#include "number.hpp"

namespace annmpi::data_tool {
namespace {

/// Rejects other file formats, recognised by their first bytes.
void refuse_other_formats(const std::string& path, std::string_view line) {
  require(!line.starts_with("\x1F\x8B"),
          "{}: is not a CSV file (it is compressed with gzip); "
          "unpack it first",
          path);
  require(!line.starts_with("\x89HDF"),
          "{}: is not a CSV file (it is HDF5 already); inspect it with "
          "annmpi-data info",
          path);
  require(line.find('\0') == std::string_view::npos && !line.starts_with("\xFF\xFE") &&
              !line.starts_with("\xFE\xFF"),
          "{}: is not a CSV file (it holds binary data or UTF-16); save it as plain text", path);
}

std::size_t column_named(const std::string& name, std::string_view header,
                         const std::string& path) {
  std::optional<std::size_t> found;
  Fields fields(header);
  std::string_view field;
  for (std::size_t column = 0; fields.next(field); ++column) {
    if (unquoted(field) != name) continue;
    require(!found,
            "--label-column {}: is ambiguous (two columns of {} have this name); give its number",
            name, path);
    found = column;
  }
  require(found.has_value(),
          "--label-column {}: is not in {} (its first line has no such column); give the name as "
          "written there, or the column's number from 0",
          name, path);
  return *found;
}

std::size_t column_numbered(long long number, std::size_t columns, const std::string& path) {
  const auto count = static_cast<long long>(columns);
  require(number >= -count && number < count,
          "--label-column {}: is not in {} (it has {} columns, numbered from 0)", number, path,
          columns);
  return static_cast<std::size_t>(number < 0 ? number + count : number);
}

/// Whether the first line holds column names, for a label column that is given by number.
bool is_header(std::string_view line, std::size_t label_column, const ClassNames& classes) {
  bool label = false;
  bool any_feature = false;
  Fields fields(line);
  std::string_view field;
  for (std::size_t column = 0; fields.next(field); ++column) {
    if (column == label_column) {
      label = to_number(field).has_value() || classes.is_name(unquoted(field));
    } else {
      any_feature = any_feature || to_number(field).has_value();
    }
  }
  return !label || !any_feature;
}

}  // namespace

bool Fields::next(std::string_view& field) {
  if (ended_) return false;
  std::size_t length = 0;
  for (bool quoted = false; length < rest_.size() && (rest_[length] != ',' || quoted); ++length) {
    if (rest_[length] == '"') quoted = !quoted;
  }
  field = rest_.substr(0, length);
  ended_ = length == rest_.size();
  if (!ended_) rest_.remove_prefix(length + 1);
  return true;
}

std::size_t count_fields(std::string_view line) {
  Fields fields(line);
  std::string_view field;
  std::size_t count = 0;
  while (fields.next(field)) ++count;
  return count;
}

std::string CsvFormat::name_of(std::size_t column) const {
  if (!has_header || column >= columns) return {};
  Fields fields(header);
  std::string_view field;
  for (std::size_t i = 0; i <= column; ++i) fields.next(field);
  return fmt::format(" ({})", unquoted(field));
}

CsvFormat recognise_format(const std::string& path, std::string_view first_line,
                           const std::string& label_column, const ClassNames& classes) {
  refuse_other_formats(path, first_line);
  CsvFormat format;
  format.path = path;
  format.columns = count_fields(first_line);
  require(format.columns >= 2,
          "{}: line 1: has a single column (a label and at least one feature are needed); "
          "separate the columns by commas",
          path);
  if (const std::optional<long long> number = to_integer(label_column)) {
    format.label_column = column_numbered(*number, format.columns, path);
    format.has_header = is_header(first_line, format.label_column, classes);
  } else {
    format.label_column = column_named(label_column, first_line, path);
    format.has_header = true;
  }
  if (format.has_header) format.header = first_line;
  return format;
}

}  // namespace annmpi::data_tool
