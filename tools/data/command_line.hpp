#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/program_options.hpp>

#include "row_range.hpp"
#include "schema.hpp"

namespace annmpi::data_tool {

/// What a command is called with, and how its help describes it.
struct CommandText {
  std::string name;                    // "csv"
  std::vector<std::string> arguments;  // "IN", "OUT": each must be given
  std::string about;                   // below the usage line
  std::string notes;                   // below the options
};

/// The arguments and options of one command.
class CommandLine {
 public:
  using Options = boost::program_options::options_description;

  /// Parses; prints the help to standard output where it is asked for.
  /// @throws Error on wrong use, in one sentence.
  CommandLine(const CommandText& text, Options options, const std::vector<std::string>& words);

  /// Help was printed: there is nothing else to do.
  [[nodiscard]] bool help_shown() const { return help_shown_; }

  /// The positional argument of this number.
  [[nodiscard]] const std::string& argument(std::size_t number) const { return arguments_[number]; }
  [[nodiscard]] bool has(const std::string& option) const { return values_.count(option) > 0; }
  /// The option's value, empty where it was not given.
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
