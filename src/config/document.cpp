#include "config/document.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

// Some versions of toml++ fail an assertion on certain invalid text ("[" at the end of a line);
// without the assertion the same path reports a parse error.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

#include "annmpi/base/error.hpp"

#include "config/ascii.hpp"

namespace annmpi::config {
namespace {

std::string place(std::string_view source, const toml::source_region& region) {
  return fmt::format("{}:{}", source, region.begin.line);
}

/// Text from the library in its original characters, as one line.
std::string on_one_line(std::string_view ascii) {
  std::string line;
  for (const char c : from_ascii(ascii))
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return line;
}

/// The column, in characters of the original text, of a position in its ASCII form.
std::size_t column_of(std::string_view ascii, const toml::source_position& position) {
  for (auto line = position.line; line > 1; --line)
    ascii.remove_prefix(std::min(ascii.size(), ascii.find('\n') + 1));
  const std::string before = from_ascii(ascii.substr(0, position.column - 1));
  const auto starts_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  };
  return 1 +
         static_cast<std::size_t>(std::count_if(before.begin(), before.end(), starts_character));
}

Value value_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::boolean:
      return {node.as_boolean()->get()};
    case toml::node_type::integer:
      return {node.as_integer()->get()};
    case toml::node_type::floating_point:
      return {node.as_floating_point()->get()};
    case toml::node_type::string:
      return {from_ascii(node.as_string()->get())};
    case toml::node_type::table:
      return {ForeignValue{"a table"}};
    case toml::node_type::array: {
      std::vector<Value> entries;
      for (const toml::node& entry : *node.as_array()) entries.push_back(value_of(entry));
      return {std::move(entries)};
    }
    default:
      return {ForeignValue{"a date or time"}};
  }
}

}  // namespace

// Some versions of toml++ have undefined behaviour for characters outside ASCII where TOML allows
// none, so these are passed as escapes: valid in strings, quoted names and comments, and rejected
// elsewhere, as they should be.

Document parse_document(std::string_view text, std::string_view source) {
  const std::string_view sound = text.substr(0, utf8_length(text));
  require(sound.size() == text.size(),
          "{}:{}: is not UTF-8 (TOML is UTF-8 text); save the file in this encoding", source,
          1 + std::count(sound.begin(), sound.end(), '\n'));
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::string ascii = to_ascii(text);
  toml::table root;
  try {
    root = toml::parse(ascii);
  } catch (const toml::parse_error& error) {
    throw Error("{}:{}: is not valid TOML ({}); correct this line", place(source, error.source()),
                column_of(ascii, error.source().begin), on_one_line(error.description()));
  }
  Document document;
  // Known names have no control characters; unknown ones only appear in a message.
  for (const auto& [name, node] : root) {
    const std::string section = on_one_line(name.str());
    const std::string where = place(source, name.source());
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      document.entries.push_back({"", section, value_of(node), where});
      continue;
    }
    document.sections.push_back({section, where});
    for (const auto& [key, value] : *table)
      document.entries.push_back(
          {section, on_one_line(key.str()), value_of(value), place(source, key.source())});
  }
  return document;
}

std::optional<Value> parse_value(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  try {
    const toml::table table = toml::parse("value = " + to_ascii(text));
    // Text with a line feed may define further keys: that is not a single value.
    if (table.size() != 1) return std::nullopt;
    return value_of(*table.get("value"));
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

}  // namespace annmpi::config
