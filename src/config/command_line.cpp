#include "annmpi/config/command_line.hpp"

#include <algorithm>
#include <iterator>
#include <set>

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

std::string remedy_for(const std::string& token) {
  std::vector<std::string> known;
  for (const Option& option : options) known.push_back(fmt::format("--{}", option.name));
  const auto near = nearest(token, known);
  return near ? fmt::format("write {} or see annmpi --help", *near) : "see annmpi --help";
}

/// Splits the words into options and their values; abbreviations and one-letter options are none.
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
    const std::string name = error.get_option_name();
    if (error.kind() == po::invalid_syntax::extra_parameter)
      throw Error("{}: takes no value; write {} alone", name, name);
    throw Error("{}: has no value; write {} and the value, or see annmpi --help", name, name);
  } catch (const po::error& error) {
    throw Error("the command line: is wrong ({}); see annmpi --help", error.what());
  }
}

void apply(const po::option& given, std::set<std::string>& seen, CommandLine& command_line) {
  const std::string token = given.original_tokens.empty() ? "" : given.original_tokens.front();
  if (given.position_key >= 0 || given.string_key.empty()) {
    require(token.starts_with('-'), "{}: stands alone; write --config {} or see annmpi --help",
            literal(token), token);
    throw Error("{}: is no option; {}", token, remedy_for(token));
  }
  const auto known = std::find_if(
      std::begin(options), std::end(options),
      [&](const Option& option) { return !given.unregistered && given.string_key == option.name; });
  require(known != std::end(options), "--{}: is no option; {}", given.string_key,
          remedy_for("--" + given.string_key));
  const std::string name = given.string_key;
  require(seen.insert(name).second || name == "set", "--{}: is given twice; give it once", name);
  if (*known->argument == '\0') known->apply(command_line, "");
  for (const std::string& value : given.value) {
    require(!value.empty(), "--{}: has an empty value; write --{} {}", name, name, known->argument);
    known->apply(command_line, value);
  }
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine command_line;
  std::set<std::string> seen;
  for (const po::option& given : split(argc, argv)) apply(given, seen, command_line);
  require(!command_line.overwrite || !command_line.resume,
          "--overwrite and --resume: contradict each other (one discards the run that the other "
          "continues); give one of them");
  const bool trains = !command_line.help && !command_line.version && !command_line.print_config;
  require(!trains || !command_line.config.empty(),
          "--config: is missing (there is nothing to train); write --config FILE with a file like "
          "those in configs/, or see annmpi --help");
  return command_line;
}

}  // namespace annmpi::config
