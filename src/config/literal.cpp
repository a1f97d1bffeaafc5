#include "config/literal.hpp"

#include <variant>

#include <fmt/ranges.h>

namespace annmpi::config {
namespace {

std::string spelled(const Value& value);

struct Speller {
  std::string operator()(const std::vector<Value>& values) const {
    std::vector<std::string> entries;
    for (const Value& value : values) entries.push_back(spelled(value));
    return fmt::format("[{}]", fmt::join(entries, ", "));
  }
  std::string operator()(const ForeignValue& value) const { return value.kind; }
  template <class Plain>
  std::string operator()(const Plain& value) const {
    return literal(value);
  }
};

std::string spelled(const Value& value) {
  return std::visit(Speller{}, value.content);
}

}  // namespace

std::string literal(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      quoted.append({'\\', c});
    else if (byte < 0x20 || byte == 0x7f)
      quoted += fmt::format("\\u{:04x}", byte);
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string literal(double value) {
  std::string digits = fmt::format("{}", value);  // the shortest text that parses to the same bits
  if (digits.find_first_not_of("-0123456789") == std::string::npos) digits += ".0";
  return digits;
}

std::string literal(const std::vector<std::int64_t>& values) {
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string literal(const std::vector<double>& values) {
  std::vector<std::string> entries;
  for (const double value : values) entries.push_back(literal(value));
  return fmt::format("[{}]", fmt::join(entries, ", "));
}

std::string shown(const Value& value) {
  constexpr std::size_t longest = 60;
  std::string text = spelled(value);
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  // Bytes 10xxxxxx continue a UTF-8 character, which must not be split.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

}  // namespace annmpi::config
