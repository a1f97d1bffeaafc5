#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "annmpi/io/hdf5.hpp"

#include "class_names.hpp"
#include "csv_header.hpp"
#include "line_reader.hpp"

namespace annmpi::data_tool {

/// The element types of parsed rows.
struct CsvTypes {
  io::ElementType features = io::ElementType::uint8;
  /// The type was not requested: a value that is not a pixel selects a wider one.
  bool features_inferred = true;
  io::ElementType labels = io::ElementType::uint8;
};

/// Parses lines into features and labels.
///
/// Pixels take the fastest path: four characters at once, without a branch on the number of digits.
/// Other plain numbers take a second path. Everything else (blanks, quotes, a plus sign, errors)
/// goes through a slow path, which also writes the messages.
class CsvRowParser {
 public:
  CsvRowParser(CsvFormat format, const CsvTypes& types, const ClassNames& classes);

  enum class Outcome {
    complete,
    wider_features,  // a value is not a uint8, and the type was inferred
    wider_labels,    // a label is not a uint8
  };

  /// Overwrites the end of the line. `features` must hold columns - 1 values.
  /// @throws Error that names line and column.
  Outcome parse(const Line& line, std::byte* features, std::int32_t& label) const;

 private:
  struct Cursor;

  template <class T>
  Outcome parse_as(const Line& line, T* features, std::int32_t& label) const;
  template <class T>
  bool parse_run(Cursor& cursor, std::size_t first, std::size_t last, T* values) const;
  template <class T>
  bool parse_carefully(Cursor& cursor, std::size_t column, T& value) const;
  std::int32_t parse_label(Cursor& cursor) const;
  [[nodiscard]] std::string place(const Cursor& cursor, std::size_t column) const;
  [[noreturn]] void refuse_value(const Cursor& cursor, std::size_t column,
                                 std::string_view field) const;
  [[noreturn]] void refuse_length(const Cursor& cursor) const;

  CsvFormat format_;
  CsvTypes types_;
  const ClassNames& classes_;
};

}  // namespace annmpi::data_tool
