#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace annmpi::config {

/// A TOML value of a kind that no setting has: a table, a date.
struct ForeignValue {
  std::string kind;
};

/// A value as written, before its key is known.
struct Value {
  std::variant<bool, std::int64_t, double, std::string, std::vector<Value>, ForeignValue> content;
};

/// A key with its value; `where` is file and line.
struct Entry {
  std::string section;  ///< empty for keys above the first section
  std::string key;
  Value value;
  std::string where;
};

struct Document {
  struct Section {
    std::string name;
    std::string where;
  };
  std::vector<Section> sections;
  std::vector<Entry> entries;
};

/// The only use of the TOML library.
/// @throws Error with source, line and column where the text is not valid TOML.
[[nodiscard]] Document parse_document(std::string_view text, std::string_view source);

/// The value of a text in TOML, or nothing.
[[nodiscard]] std::optional<Value> parse_value(std::string_view text);

}  // namespace annmpi::config
