#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

/// One log per process. Messages go to standard output without a prefix, warnings and errors to
/// standard error.
namespace annmpi::log {

enum class Level { debug, info, warning, error, off };

/// The prefix of warnings and errors; "annmpi" by default. Must precede the first of them.
void set_program(std::string_view name);

/// Messages below `level` are dropped. Ranks other than 0 set `warning` or `off`.
void set_level(Level level);
[[nodiscard]] Level level();

/// Writes `text` and a line feed, and flushes.
void write(Level level, std::string_view text);

template <class... Arguments>
void debug(fmt::format_string<Arguments...> message, Arguments&&... arguments) {
  if (level() <= Level::debug)
    write(Level::debug, fmt::format(message, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void info(fmt::format_string<Arguments...> message, Arguments&&... arguments) {
  if (level() <= Level::info)
    write(Level::info, fmt::format(message, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void warning(fmt::format_string<Arguments...> message, Arguments&&... arguments) {
  if (level() <= Level::warning)
    write(Level::warning, fmt::format(message, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void error(fmt::format_string<Arguments...> message, Arguments&&... arguments) {
  if (level() <= Level::error)
    write(Level::error, fmt::format(message, std::forward<Arguments>(arguments)...));
}

}  // namespace annmpi::log
