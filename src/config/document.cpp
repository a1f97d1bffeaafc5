#include "config/document.hpp"

#include <utility>

// Some versions of toml++ assert where the text is at fault ("[" and the end of the line); without
// the assertion the same path reports a parse error.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

#include "annmpi/base/error.hpp"

namespace annmpi::config {
namespace {

std::string place(std::string_view source, const toml::source_region& region) {
  return fmt::format("{}:{}", source, region.begin.line);
}

/// Makes one line of a text that may quote anything from the file.
std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return line;
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
      return {node.as_string()->get()};
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

Document parse_document(std::string_view text, std::string_view source) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw Error("{}:{}: is no TOML ({}); correct this line", place(source, error.source()),
                error.source().begin.column, on_one_line(error.description()));
  }
  Document document;
  // Known names have no control characters; those of others only end up in a message.
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
  try {
    const toml::table table = toml::parse("value = " + std::string(text));
    // A text with a line feed may go on with keys of its own: that is no single value.
    if (table.size() != 1) return std::nullopt;
    return value_of(*table.get("value"));
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

}  // namespace annmpi::config
