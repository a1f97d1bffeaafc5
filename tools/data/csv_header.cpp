#include "csv_header.hpp"

#include <algorithm>
#include <optional>

#include "annmpi/base/error.hpp"

#include "number.hpp"

namespace annmpi::data_tool {
namespace {

/// Files of other kinds, told by their first bytes.
void refuse_other_formats(const std::string& path, std::string_view line) {
  require(!line.starts_with("\x1F\x8B"),
          "{}: is no CSV file (it is compressed with gzip); "
          "unpack it first",
          path);
  require(!line.starts_with("\x89HDF"),
          "{}: is no CSV file (it is HDF5 already); look at it with "
          "annmpi-data info",
          path);
  require(line.find('\0') == std::string_view::npos && !line.starts_with("\xFF\xFE") &&
              !line.starts_with("\xFE\xFF"),
          "{}: is no CSV file (it holds binary data or UTF-16); save it as plain text", path);
}

std::optional<std::size_t> column_named(const std::vector<std::string>& names,
                                        const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  require(std::find(found + 1, names.end(), name) == names.end(),
          "--label-column {}: is ambiguous (two columns have this name); give its number", name);
  return static_cast<std::size_t>(found - names.begin());
}

std::size_t column_numbered(long long number, std::size_t columns, const std::string& path) {
  const auto count = static_cast<long long>(columns);
  require(number >= -count && number < count,
          "--label-column {}: is not in {} (it has {} columns, numbered from 0)", number, path,
          columns);
  return static_cast<std::size_t>(number < 0 ? number + count : number);
}

}  // namespace

std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] != ',' || quoted) continue;
    fields.push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
  fields.push_back(line.substr(begin));
  return fields;
}

CsvFormat recognise_format(const std::string& path, std::string_view first_line,
                           const std::string& label_column, const ClassNames& classes) {
  refuse_other_formats(path, first_line);
  const std::vector<std::string_view> fields = split_fields(first_line);
  CsvFormat format;
  format.path = path;
  format.columns = fields.size();
  require(fields.size() >= 2,
          "{}: line 1: has a single column (a label and at least one feature are needed); "
          "separate the columns by commas",
          path);

  const auto is_number = [&](std::size_t column) { return to_number(fields[column]).has_value(); };
  const std::optional<long long> number = to_integer(label_column);
  std::vector<std::string> names;
  for (const std::string_view field : fields) names.emplace_back(unquoted(field));
  if (number) {
    format.label_column = column_numbered(*number, fields.size(), path);
    bool any_feature = false;
    for (std::size_t column = 0; column < fields.size(); ++column) {
      any_feature = any_feature || (column != format.label_column && is_number(column));
    }
    const bool label =
        is_number(format.label_column) || classes.is_name(names[format.label_column]);
    format.has_header = !label || !any_feature;
  } else {
    const std::optional<std::size_t> column = column_named(names, label_column);
    require(column.has_value(),
            "--label-column {}: is not in {} (its first line names no such column); give the name "
            "as it stands there, or the column's number from 0",
            label_column, path);
    format.label_column = *column;
    format.has_header = true;
  }
  if (format.has_header) format.names = std::move(names);
  return format;
}

}  // namespace annmpi::data_tool
