#include "command_line.hpp"

#include <cstdio>
#include <sstream>

#include "annmpi/base/error.hpp"

#include "number.hpp"

namespace annmpi::data_tool {
namespace po = boost::program_options;
namespace {

std::string usage(const CommandText& text) {
  std::string line = "annmpi-data " + text.name;
  for (const std::string& argument : text.arguments) line += " " + argument;
  return line;
}

void show_help(const CommandText& text, const po::options_description& options) {
  std::ostringstream help;
  help << "Usage: " << usage(text) << " [options]\n\n" << text.about << "\n" << options;
  if (!text.notes.empty()) help << "\n" << text.notes;
  std::fputs(help.str().c_str(), stdout);
}

}  // namespace

CommandLine::CommandLine(const CommandText& text, Options options,
                         const std::vector<std::string>& words) {
  options.add_options()("help,h", "show this help");
  Options all;
  all.add(options);
  all.add_options()("argument", po::value<std::vector<std::string>>(&arguments_));
  po::positional_options_description positions;
  positions.add("argument", -1);
  // Abbreviations would become ambiguous when options are added.
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    po::store(po::command_line_parser(words).options(all).positional(positions).style(style).run(),
              values_);
    po::notify(values_);
  } catch (const po::error& error) {
    throw Error("{}: {}; see annmpi-data {} --help", text.name, error.what(), text.name);
  }
  if (has("help")) {
    show_help(text, options);
    help_shown_ = true;
    return;
  }
  require(arguments_.size() == text.arguments.size(),
          "{}: needs {} arguments, not {} (usage: {} [options]); see annmpi-data {} --help",
          text.name, text.arguments.size(), arguments_.size(), usage(text), text.name);
}

std::vector<std::string> parse_class_names(const std::optional<std::string>& text) {
  std::vector<std::string> names;
  if (!text) return names;
  std::istringstream stream(*text + ",");
  for (std::string name; std::getline(stream, name, ',');) names.emplace_back(trimmed(name));
  return names;
}

RowRange parse_rows(const std::optional<std::string>& text) {
  return text ? parse_row_range(*text) : RowRange{};
}

std::uint64_t parse_count(const std::string& option, const std::string& text) {
  const std::optional<long long> number = to_integer(text);
  require(number && *number >= 0, "{} {}: is not a whole number from 0; correct it", option, text);
  return static_cast<std::uint64_t>(*number);
}

}  // namespace annmpi::data_tool
