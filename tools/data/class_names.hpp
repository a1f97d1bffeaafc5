#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annmpi::data_tool {

/// Maps labels to classes.
///
/// A label that equals the name of a class is that class. Otherwise it must be a whole number,
/// written 1 or 1.0, below the number of classes; but not if the names themselves are numbers
/// (such as "3,7"), where it could be either.
class ClassNames {
 public:
  /// Without names, labels are the numbers 0 ... maximum_classes - 1.
  /// @throws Error if a name is empty or repeated, or there are too many.
  explicit ClassNames(std::vector<std::string> names);

  [[nodiscard]] bool given() const { return !names_.empty(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] bool is_name(std::string_view text) const { return index_.contains(text); }

  /// @throws Error with the reason alone ("is an unknown class (...)"); the caller adds the place.
  [[nodiscard]] std::int32_t label_of(std::string_view text) const;

  /// Single-digit labels below this number are their own class numbers.
  [[nodiscard]] std::int32_t plain_digits() const { return plain_digits_; }

  /// The given names, or "0", "1", ... up to the largest label.
  [[nodiscard]] std::vector<std::string> names_up_to(std::int32_t largest_label) const;

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::int32_t, std::less<>> index_;
  bool numeric_names_ = false;
  std::int32_t plain_digits_ = 10;
};

}  // namespace annmpi::data_tool
