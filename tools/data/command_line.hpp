#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/program_options.hpp>

#include "row_range.hpp"
#include "schema.hpp"

namespace annmpi::data_tool {

/// The arguments of a command and the text of its help.
struct CommandText {
  std::string name;                    // "csv"
  std::vector<std::string> arguments;  // "IN", "OUT": all are required
  std::string about;                   // below the usage line
  std::string notes;                   // below the options
};

/// The arguments and options of one command.
class CommandLine {
 public:
  using Options = boost::program_options::options_description;

  /// Parses; prints the help to standard output if it is requested.
  /// @throws Error on wrong use, in one sentence.
  CommandLine(const CommandText& text, Options options, const std::vector<std::string>& words);

  /// Whether help was printed, so that nothing else is to do.
  [[nodiscard]] bool help_shown() const { return help_shown_; }

  /// The positional argument of this index.
  [[nodiscard]] const std::string& argument(std::size_t number) const { return arguments_[number]; }
  [[nodiscard]] bool has(const std::string& option) const { return values_.count(option) > 0; }
  /// The option's value, empty if it was not given.
  template <class T>
  [[nodiscard]] std::optional<T> get(const std::string& option) const {
    if (!has(option)) return std::nullopt;
    return values_[option].as<T>();
  }

 private:
  boost::program_options::variables_map values_;
  std::vector<std::string> arguments_;
  bool help_shown_ = false;
};

/// Values of options that several commands share. @throws Error that names the option.
std::vector<std::string> parse_class_names(const std::optional<std::string>& text);
RowRange parse_rows(const std::optional<std::string>& text);
std::uint64_t parse_count(const std::string& option, const std::string& text);

}  // namespace annmpi::data_tool
