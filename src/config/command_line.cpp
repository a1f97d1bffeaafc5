#include "annmpi/config/command_line.hpp"

#include <algorithm>
#include <iterator>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

#include "annmpi/base/error.hpp"

#include "config/nearest.hpp"
#include "config/options.hpp"

namespace annmpi::config {
namespace {

namespace po = boost::program_options;

po::options_description description_of_options() {
  po::options_description description;
  for (const Option& option : options) {
    if (*option.argument == '\0') {
      description.add_options()(option.name, option.meaning);
      continue;
    }
    auto* value = po::value<std::vector<std::string>>();
    if (std::string_view(option.name) == "set") value->multitoken();
    description.add_options()(option.name, value, option.meaning);
  }
  return description;
}

const Option* find_option(std::string_view name) {
  const auto* found = std::find_if(std::begin(options), std::end(options),
                                   [&](const Option& option) { return name == option.name; });
  return found == std::end(options) ? nullptr : found;
}

[[noreturn]] void refuse_unknown(const std::string& token) {
  std::vector<std::string> known;
  for (const Option& option : options) known.push_back(fmt::format("--{}", option.name));
  const auto near = nearest(token, known);
  throw Error("{}: is an unknown option{}; correct or remove it, or see annmpi --help", token,
              near ? fmt::format(" (the nearest is {})", *near) : "");
}

[[noreturn]] void refuse_stray(const std::string& token) {
  if (token.starts_with('-') && token.size() > 1) refuse_unknown(token);
  std::string remedy;
  if (token.ends_with(".toml"))
    remedy = fmt::format("write --config {}, or ", token);
  else if (token.find('=') != std::string::npos)
    remedy = fmt::format("write --set {}, or ", token);
  throw Error(
      "{}: is not an option or its value (annmpi takes no other arguments); {}see annmpi --help",
      literal(token), remedy);
}

[[noreturn]] void refuse_missing_value(const std::string& name) {
  const Option* option = find_option(name);
  throw Error("--{}: needs a value; write --{} {}", name, name,
              option == nullptr ? "and the value" : option->argument);
}

/// Splits the arguments into options and values, without abbreviations or one-letter options.
std::vector<po::option> split(int argc, const char* const* argv) {
  using namespace po::command_line_style;
  const po::options_description description = description_of_options();
  try {
    return po::command_line_parser(argc, argv)
        .options(description)
        .style(allow_long | long_allow_adjacent | long_allow_next)
        .allow_unregistered()
        .run()
        .options;
  } catch (const po::invalid_syntax& error) {
    std::string name = error.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    if (error.kind() == po::invalid_syntax::extra_parameter)
      throw Error("--{}: takes no value; write --{} alone", name, name);
    refuse_missing_value(name);
  } catch (const po::error& error) {
    throw Error("the command line cannot be parsed ({}); correct it, or see annmpi --help",
                error.what());
  }
}

void apply(const po::option& given, CommandLine& command_line) {
  const std::string& name = given.string_key;
  if (given.position_key >= 0 || name.empty())
    refuse_stray(given.original_tokens.empty() ? "" : given.original_tokens.front());
  const Option* option = find_option(name);
  if (option == nullptr) refuse_unknown("--" + name);
  if (*option->argument == '\0') option->apply(command_line, "");
  for (const std::string& value : given.value) {
    // Boost takes a following option as the value.
    if (value.empty() || value.starts_with("--")) refuse_missing_value(name);
    option->apply(command_line, value);
  }
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine command_line;
  for (const po::option& given : split(argc, argv)) apply(given, command_line);
  require(command_line.asks_a_question() || !command_line.config.empty(),
          "--config: is missing (there is nothing to train); give --config FILE with a file like "
          "those in configs/, or see annmpi --help");
  return command_line;
}

std::optional<std::string> answer(int argc, const char* const* argv, std::string_view version) {
  CommandLine asked;
  try {
    asked = parse_command_line(argc, argv);
  } catch (const Error&) {
    return std::nullopt;
  }
  if (asked.help) return help_text();
  if (asked.version) return fmt::format("annmpi {}", version);
  if (asked.print_config) return print_config();
  return std::nullopt;
}

}  // namespace annmpi::config
