#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annmpi::data_tool {

/// Finds the class that a label names.
///
/// A label that equals the name of a class is that class. Otherwise it must be a whole number,
/// written 1 or 1.0, below the number of classes: unless the names themselves are numbers (as
/// in "3,7"), where such a label would be mistaken for an index.
class ClassNames {
 public:
  /// Without names, labels are the numbers 0 ... maximum_classes - 1.
  /// @throws Error if a name is empty, comes twice, or there are too many.
  explicit ClassNames(std::vector<std::string> names);

  [[nodiscard]] bool given() const { return !names_.empty(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] bool is_name(std::string_view text) const { return index_.contains(text); }

  /// @throws Error with the reason alone ("is an unknown class (...)"), for a message that says
  /// where the label stands.
  [[nodiscard]] std::int32_t label_of(std::string_view text) const;

  /// Labels of a single digit mean themselves below this number.
  [[nodiscard]] std::int32_t plain_digits() const { return plain_digits_; }

  /// The given names, or "0", "1", ... up to the largest label met.
  [[nodiscard]] std::vector<std::string> names_up_to(std::int32_t largest_label) const;

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::int32_t, std::less<>> index_;
  bool numeric_names_ = false;
  std::int32_t plain_digits_ = 10;
};

}  // namespace annmpi::data_tool
