#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

/// One log for the whole process. Messages go to standard output, warnings and errors to standard
/// error; nothing is prefixed, so that the text is what people read.
namespace annmpi::log {

enum class Level { debug, info, warning, error, off };

/// The name before warnings and errors; "annmpi" where it is not set. To be called first.
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
