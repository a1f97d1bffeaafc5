#pragma once

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace annmpi {

/// An expected error: wrong input, or a machine that cannot do what was asked.
///
/// The message is one or two sentences of the form "what is wrong (why) what to do" and names the
/// file, key, row or rank. Programs print it once and exit with status 2. All else is a bug.
class Error : public std::runtime_error {
 public:
  template <class... Arguments>
  explicit Error(fmt::format_string<Arguments...> message, Arguments&&... arguments)
      : std::runtime_error(fmt::format(message, std::forward<Arguments>(arguments)...)) {}
};

/// Throws Error with the formatted message unless `condition` holds.
template <class... Arguments>
void require(bool condition, fmt::format_string<Arguments...> message, Arguments&&... arguments) {
  if (!condition) throw Error(message, std::forward<Arguments>(arguments)...);
}

/// Exit statuses, part of the interface for scripts.
namespace exit_status {
inline constexpr int success = 0;
inline constexpr int fault = 1;
inline constexpr int wrong_input = 2;
inline constexpr int line_search_failed = 3;
inline constexpr int stopped = 85;
}  // namespace exit_status

}  // namespace annmpi
