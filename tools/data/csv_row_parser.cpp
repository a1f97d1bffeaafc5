#include "csv_row_parser.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "annmpi/base/error.hpp"

#include "number.hpp"

namespace annmpi::data_tool {
namespace {

/// Parses a pixel of one to three digits and the comma after it from four characters at once.
/// Returns the number of characters, or 0 for anything else.
std::size_t take_pixel(const char* text, std::uint8_t& value) {
  static_assert(std::endian::native == std::endian::little, "the first character is the lowest");
  std::uint32_t word = 0;
  std::memcpy(&word, text, sizeof(word));
  const std::uint32_t digits = word ^ 0x30303030U;
  // The highest bit of each byte that is not a digit; only the first such byte is used.
  const std::uint32_t others = ((digits + 0x76767676U) | digits) & 0x80808080U;
  const auto length = static_cast<unsigned>(std::countr_zero(others)) / 8;
  if (length - 1U > 2U || (word >> (8 * length) & 0xFFU) != ',') return 0;
  const std::uint32_t aligned = digits << (32 - 8 * length);
  const std::uint32_t number =
      (aligned >> 24) + 10 * (aligned >> 16 & 0xFFU) + 100 * (aligned >> 8 & 0xFFU);
  value = static_cast<std::uint8_t>(number);
  return number <= 255 ? length + 1 : 0;
}

template <class T>
constexpr double largest_of = static_cast<double>(std::numeric_limits<T>::max());
template <>
constexpr double largest_of<Half> = Half::largest;

template <class T>
bool fits(double number) {
  if constexpr (std::is_integral_v<T>)
    return number >= 0 && number <= largest_of<T> && number == std::floor(number);
  else
    return std::abs(number) <= largest_of<T>;
}

/// What fits T, and a remedy for what does not, as in messages.
template <class T>
std::string limits_of() {
  const std::string_view name = io::name_of(io::element_type_of<T>);
  if constexpr (std::is_integral_v<T>)
    return fmt::format("{} (whole numbers from 0 to {}); choose another --type", name,
                       std::numeric_limits<T>::max());
  else if constexpr (std::is_same_v<T, Half>)
    return fmt::format("{} (at most {}); choose --type float32", name, Half::largest);
  else
    return fmt::format("{} (at most 3.4e38); choose --type float64", name);
}

/// Parses a number and the comma after it, at `end` at the latest. Returns the number of
/// characters, or 0 for anything else.
template <class T>
std::size_t take_real(const char* text, const char* end, T& value) {
  double number = 0;
  if (text >= end) return 0;
  const auto [stop, status] = std::from_chars(text, end, number);
  if (status != std::errc{} || *stop != ',' || !fits<T>(number)) return 0;
  value = static_cast<T>(number);
  return static_cast<std::size_t>(stop - text) + 1;
}

}  // namespace

/// The parser's position in a line. `end` is the comma added after the last field.
struct CsvRowParser::Cursor {
  const Line& line;
  const char* at;
  const char* end;

  [[nodiscard]] bool beyond() const { return at > end; }

  /// The next field; advances past its comma.
  std::string_view take_field() {
    const char* stop = at;
    for (bool quoted = false; stop < end && (*stop != ',' || quoted); ++stop) {
      if (*stop == '"') quoted = !quoted;
    }
    const std::string_view field(at, static_cast<std::size_t>(stop - at));
    at = stop + 1;
    return field;
  }
};

CsvRowParser::CsvRowParser(CsvFormat format, const CsvTypes& types, const ClassNames& classes)
    : format_(std::move(format)), types_(types), classes_(classes) {}

std::string CsvRowParser::place(const Cursor& cursor, std::size_t column) const {
  return fmt::format("{}: line {}, column {}{}", format_.path, cursor.line.number, column + 1,
                     format_.name_of(column));
}

void CsvRowParser::refuse_length(const Cursor& cursor) const {
  const std::string_view text(cursor.line.begin,
                              static_cast<std::size_t>(cursor.end - cursor.line.begin));
  require(!text.empty(), "{}: line {}: is blank (rows must be consecutive); remove it",
          format_.path, cursor.line.number);
  const std::size_t columns = count_fields(text);
  throw Error(
      "{}: line {}, column {}: the row {} (it has {} columns, line 1 has {}); correct or "
      "remove it",
      format_.path, cursor.line.number, std::min(columns, format_.columns) + 1,
      columns < format_.columns ? "ends too early" : "is too long", columns, format_.columns);
}

void CsvRowParser::refuse_value(const Cursor& cursor, std::size_t column,
                                std::string_view field) const {
  const std::string where = place(cursor, column);
  const std::string_view text = trimmed(field).substr(0, 40);
  require(!text.empty(), "{}: is empty (every field needs a value); fill it in", where);
  require(to_number(field).has_value(), "{}: \"{}\" is not a number; correct it", where, text);
  throw Error("{}: {} is NaN or infinite (training needs finite values); replace it", where, text);
}

template <class T>
bool CsvRowParser::parse_carefully(Cursor& cursor, std::size_t column, T& value) const {
  if (cursor.beyond()) refuse_length(cursor);
  const std::string_view field = cursor.take_field();
  const std::optional<double> number = to_number(field);
  if (!number || !std::isfinite(*number)) refuse_value(cursor, column, field);
  if (!fits<T>(*number)) {
    if (types_.features_inferred) return false;
    throw Error("{}: {} does not fit {}", place(cursor, column), trimmed(field).substr(0, 40),
                limits_of<T>());
  }
  value = static_cast<T>(*number);
  return true;
}

template <class T>
bool CsvRowParser::parse_run(Cursor& cursor, std::size_t first, std::size_t last, T* values) const {
  // Local copies: the compiler cannot assume that the stores leave the cursor unchanged.
  const char* at = cursor.at;
  for (std::size_t column = first; column < last; ++column, ++values) {
    std::size_t taken = 0;
    if constexpr (std::is_same_v<T, std::uint8_t>) taken = take_pixel(at, *values);
    if (taken == 0) taken = take_real(at, cursor.end, *values);
    if (taken == 0) {
      cursor.at = at;
      if (!parse_carefully(cursor, column, *values)) return false;
      at = cursor.at;
    } else {
      at += taken;
    }
  }
  cursor.at = at;
  return true;
}

std::int32_t CsvRowParser::parse_label(Cursor& cursor) const {
  if (cursor.beyond()) refuse_length(cursor);
  const std::int32_t digit = *cursor.at - '0';
  if (cursor.at[1] == ',' && digit >= 0 && digit < classes_.plain_digits()) {
    cursor.at += 2;
    return digit;
  }
  const std::string_view field = cursor.take_field();
  try {
    return classes_.label_of(field);
  } catch (const Error& error) {
    throw Error("{}: the label \"{}\" {}", place(cursor, format_.label_column),
                trimmed(field).substr(0, 40), error.what());
  }
}

template <class T>
CsvRowParser::Outcome CsvRowParser::parse_as(const Line& line, T* features,
                                             std::int32_t& label) const {
  *line.end = ',';
  Cursor cursor{line, line.begin, line.end};
  if (line.begin == line.end) refuse_length(cursor);
  if (!parse_run(cursor, 0, format_.label_column, features)) return Outcome::wider_features;
  label = parse_label(cursor);
  if (!parse_run(cursor, format_.label_column + 1, format_.columns,
                 features + format_.label_column)) {
    return Outcome::wider_features;
  }
  if (cursor.at != cursor.end + 1) refuse_length(cursor);
  const bool wide = label > std::numeric_limits<std::uint8_t>::max();
  return wide && types_.labels == io::ElementType::uint8 ? Outcome::wider_labels
                                                         : Outcome::complete;
}

CsvRowParser::Outcome CsvRowParser::parse(const Line& line, std::byte* features,
                                          std::int32_t& label) const {
  Outcome outcome = Outcome::complete;
  io::with_feature_type(types_.features, [&]<class T>(std::type_identity<T>) {
    outcome = parse_as(line, reinterpret_cast<T*>(features), label);
  });
  return outcome;
}

}  // namespace annmpi::data_tool
