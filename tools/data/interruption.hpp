#pragma once

#include <stdexcept>

/// SIGINT, SIGTERM and SIGHUP only set a flag. Loops check it once per block and leave by an
/// exception, so that destructors remove incomplete files.
namespace annmpi::data_tool::interruption {

class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(int number) : std::runtime_error("interrupted"), signal(number) {}
  int signal;
};

/// Installs the handlers. Writes beyond the file size limit or to a closed pipe become ordinary
/// errors instead of ending the process.
void install();

/// @throws Interrupted after a signal has arrived.
void check();

}  // namespace annmpi::data_tool::interruption
