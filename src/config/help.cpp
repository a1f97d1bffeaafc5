#include <string>

#include "annmpi/base/error.hpp"

#include "config/options.hpp"

namespace annmpi::config {
namespace {

std::string option_lines() {
  std::string lines;
  for (const Option& option : options) {
    const std::string_view space = *option.argument == '\0' ? "" : " ";
    const std::string usage = fmt::format("--{}{}{}", option.name, space, option.argument);
    lines += fmt::format("  {:<20}  {}\n", usage, option.meaning);
  }
  return lines;
}

std::string key_lines() {
  constexpr std::size_t width = 96;
  constexpr std::size_t indentation = 12;
  std::string lines;
  std::string_view open_section;
  std::size_t column = 0;
  const Configuration configuration;
  for_each_setting(configuration, [&](std::string_view section, const auto& setting, const auto&) {
    const bool is_first = section != open_section;
    if (is_first || column + setting.key.size() > width) {
      lines += fmt::format("{}  {:<10}", open_section.empty() ? "" : "\n", is_first ? section : "");
      column = indentation;
    }
    open_section = section;
    lines += fmt::format(" {}", setting.key);
    column += setting.key.size() + 1;
  });
  return lines + '\n';
}

}  // namespace

std::string help_text() {
  return fmt::format(
      "annmpi trains a feed-forward neural network on all ranks of an MPI job.\n"
      "\n"
      "Usage: annmpi --config FILE [OPTION ...]\n"
      "\n"
      "Options:\n{}"
      "\n"
      "If an option or a key is given several times, the last one on the command line counts:\n"
      "--seed 1 --set model.seed=2 --set model.seed=3 trains with seed 3. FILE must give each key\n"
      "at most once.\n"
      "--help, --version and --print-config need neither a configuration nor MPI.\n"
      "\n"
      "Configuration keys, for --set SECTION.KEY=VALUE (annmpi --print-config explains them):\n"
      "{}"
      "\n"
      "Exit status:\n"
      "  {:<3} training ended as configured\n"
      "  {:<3} wrong input; nothing was trained\n"
      "  {:<3} the line search failed; the best point is saved\n"
      "  {:<3} stopped by a signal; the current state is saved\n"
      "  any other: a bug in the program or a failure of the machine\n"
      "\n"
      "Examples:\n"
      "  mpirun -n 2 annmpi --config configs/galaxy.toml\n"
      "  mpirun -n 8 annmpi --config configs/galaxy.toml --set model.hidden=[25] model.l2=0.3\n",
      option_lines(), key_lines(), exit_status::success, exit_status::wrong_input,
      exit_status::line_search_failed, exit_status::stopped);
}

}  // namespace annmpi::config
