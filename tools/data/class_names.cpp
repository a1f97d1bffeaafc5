#include "class_names.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "annmpi/base/error.hpp"

#include "number.hpp"
#include "schema.hpp"

namespace annmpi::data_tool {

ClassNames::ClassNames(std::vector<std::string> names) : names_(std::move(names)) {
  require(names_.size() <= static_cast<std::size_t>(maximum_classes),
          "--class-names: has {} names (at most {} classes are supported); give fewer names",
          names_.size(), maximum_classes);
  for (const std::string& name : names_) {
    require(!name.empty(), "--class-names: a name is empty; separate the names by single commas");
    require(index_.emplace(name, static_cast<std::int32_t>(index_.size())).second,
            "--class-names: \"{}\" is given twice; give each class its own name", name);
    numeric_names_ = numeric_names_ || to_number(name).has_value();
  }
  if (given()) {
    // "0", "1", ... are allowed: name and number agree.
    const auto own_number = [&](std::int32_t label) {
      const auto found = index_.find(std::to_string(label));
      return found == index_.end() ? !numeric_names_ : found->second == label;
    };
    std::int32_t digits = 0;
    while (digits < 10 && digits < static_cast<std::int32_t>(names_.size()) && own_number(digits)) {
      ++digits;
    }
    plain_digits_ = digits;
  }
}

std::int32_t ClassNames::label_of(std::string_view text) const {
  const std::string_view label = unquoted(text);
  if (const auto found = index_.find(label); found != index_.end()) return found->second;
  const std::optional<double> number = to_number(label);
  if (given()) {
    // "1.0" is the name "1".
    if (number && numeric_names_) {
      for (const auto& [name, index] : index_) {
        if (to_number(name) == number) return index;
      }
    }
    const bool is_index = number && !numeric_names_ && *number == std::floor(*number) &&
                          *number >= 0 && *number < static_cast<double>(names_.size());
    require(
        is_index,
        "is an unknown class (--class-names has {} names: {}{}); correct the label or the names",
        names_.size(),
        fmt::join(
            names_.begin(),
            names_.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(names_.size(), 6)),
            ", "),
        names_.size() > 6 ? ", ..." : "");
  } else {
    require(
        number.has_value(),
        "is not a number (labels are whole numbers from 0); name the classes with --class-names");
    require(*number == std::floor(*number) && *number >= 0 && *number < maximum_classes,
            "is not a class (labels are whole numbers from 0 to {}); check --label-column",
            maximum_classes - 1);
  }
  return static_cast<std::int32_t>(*number);
}

std::vector<std::string> ClassNames::names_up_to(std::int32_t largest_label) const {
  return given() ? names_ : numbered_classes(largest_label + 1);
}

}  // namespace annmpi::data_tool
