#include "output/progress.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "annmpi/base/log.hpp"

namespace annmpi::output {
namespace {

using namespace std::chrono_literals;
constexpr auto terminal_interval = 100ms;
constexpr auto file_interval = 5s;

std::string time_left(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s left", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s left", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min left", whole / 3600, whole / 60 % 60);
}

/// Less than 80 characters, except in very long runs: a wrapped line cannot be redrawn.
std::string line_for(const trainer::Record& record, std::int64_t max_iterations) {
  std::string line = fmt::format("{}/{}  train {:.6f} {:.1f} %", record.iteration, max_iterations,
                                 record.training.cost, 100 * record.training.accuracy);
  if (record.monitored)
    line += fmt::format("  monitored {:.6f} {:.1f} %", record.monitored->cost,
                        100 * record.monitored->accuracy);
  if (record.seconds > 0 && record.iteration > 0) {
    const double per_second = static_cast<double>(record.iteration) / record.seconds;
    const auto remaining = static_cast<double>(max_iterations - record.iteration);
    line += fmt::format("  {:.0f}/s  {}", per_second, time_left(remaining / per_second));
  }
  return line;
}

}  // namespace

Progress::Progress(std::int64_t max_iterations)
    : max_iterations_(max_iterations),
      on_terminal_(stdout_is_terminal()),
      last_shown_(Clock::now()) {}

void Progress::finish() {
  if (std::exchange(line_open_, false)) std::fputs("\r\x1b[K", stdout);
}

void Progress::observe(const trainer::Record& record) {
  if (log::level() > log::Level::info) return;
  const Clock::time_point now = Clock::now();
  if (now - last_shown_ <
      (on_terminal_ ? Clock::duration(terminal_interval) : Clock::duration(file_interval)))
    return;
  last_shown_ = now;
  const std::string line = line_for(record, max_iterations_);
  if (!on_terminal_) return log::info("iteration {}", line);
  // Return to the start of the line, and clear the rest of a longer previous line.
  std::fputs(("\r" + line + "\x1b[K").c_str(), stdout);
  std::fflush(stdout);
  line_open_ = true;
}

bool stdout_is_terminal() {
  if (::isatty(STDOUT_FILENO) == 0) return false;
  if (std::getenv("OMPI_COMM_WORLD_RANK") == nullptr) return true;
  std::error_code error;
  const auto target =
      std::filesystem::read_symlink(fmt::format("/proc/{}/fd/1", ::getppid()), error).string();
  return !error && (target.starts_with("/dev/pts/") || target.starts_with("/dev/tty"));
}

}  // namespace annmpi::output
