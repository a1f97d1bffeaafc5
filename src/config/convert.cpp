#include "config/convert.hpp"

#include <cmath>

namespace annmpi::config {
namespace {

std::string_view kind_of(const Value& value) {
  struct Kind {
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a real number"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const std::vector<Value>&) const { return "a list"; }
    std::string_view operator()(const ForeignValue& value) const { return value.kind; }
  };
  return std::visit(Kind{}, value.content);
}

Problem wrong_type(const Value& given) {
  return fmt::format("is {}", kind_of(given));
}

Problem out_of_range(double number, const Allowed& allowed) {
  const bool within = allowed.ends_included ? number >= allowed.least && number <= allowed.most
                                            : number > allowed.least && number < allowed.most;
  return within ? "" : "is out of range";
}

template <class Entry>
Problem convert_list(const Value& given, const Allowed& allowed, std::vector<Entry>& value) {
  const auto* list = std::get_if<std::vector<Value>>(&given.content);
  if (list == nullptr) return wrong_type(given);
  if (list->empty() && !allowed.may_be_empty) return "is empty";
  value.assign(list->size(), 0);
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Problem problem = convert((*list)[i], allowed, value[i]);
    if (!problem.empty()) return fmt::format("its entry {} {}", i + 1, problem);
  }
  return {};
}

}  // namespace

Problem convert(const Value& given, const Allowed&, bool& value) {
  const auto* truth = std::get_if<bool>(&given.content);
  if (truth == nullptr) return wrong_type(given);
  value = *truth;
  return {};
}

Problem convert(const Value& given, const Allowed& allowed, std::int64_t& value) {
  const auto* integer = std::get_if<std::int64_t>(&given.content);
  if (integer != nullptr) {
    value = *integer;
    return out_of_range(static_cast<double>(value), allowed);
  }
  const auto* real = std::get_if<double>(&given.content);
  if (real != nullptr && std::abs(*real) < 1e15 && std::trunc(*real) == *real)
    return fmt::format("is a real number (the integer is {})", static_cast<std::int64_t>(*real));
  return wrong_type(given);
}

Problem convert(const Value& given, const Allowed& allowed, double& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&given.content))
    value = static_cast<double>(*integer);
  else if (const auto* real = std::get_if<double>(&given.content))
    value = *real;
  else
    return wrong_type(given);
  if (!std::isfinite(value)) return "is not finite";
  return out_of_range(value, allowed);
}

Problem convert(const Value& given, const Allowed& allowed, std::string& value) {
  const auto* text = std::get_if<std::string>(&given.content);
  if (text == nullptr) return wrong_type(given) + " (strings are written in quotes)";
  if (text->empty() && !allowed.may_be_empty) return "is empty";
  value = *text;
  return {};
}

Problem convert(const Value& given, const Allowed& allowed, std::vector<std::int64_t>& value) {
  return convert_list(given, allowed, value);
}

Problem convert(const Value& given, const Allowed& allowed, std::vector<double>& value) {
  return convert_list(given, allowed, value);
}

std::string describe_range(const Allowed& allowed) {
  const Allowed unlimited;
  const double least = allowed.least;
  const double most = allowed.most;
  const bool ends_included = allowed.ends_included;
  if (least > unlimited.least && most < unlimited.most)
    return ends_included ? fmt::format("from {} to {}", least, most)
                         : fmt::format("between {} and {}, excluding both", least, most);
  if (least > unlimited.least)
    return ends_included ? fmt::format("{} or more", least) : fmt::format("more than {}", least);
  if (most < unlimited.most)
    return ends_included ? fmt::format("{} or less", most) : fmt::format("less than {}", most);
  return {};
}

}  // namespace annmpi::config
