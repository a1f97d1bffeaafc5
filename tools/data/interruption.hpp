#pragma once

#include <stdexcept>

/// SIGINT, SIGTERM and SIGHUP set a flag and nothing else. Loops look at it once per block, and
/// leave by an exception, so that destructors remove what is half written.
namespace annmpi::data_tool::interruption {

class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(int number) : std::runtime_error("interrupted"), signal(number) {}
  int signal;
};

/// Installs the handlers. A write beyond the file size limit or into a closed pipe becomes an
/// ordinary error instead of the end of the process.
void install();

/// @throws Interrupted once a signal has arrived.
void check();

}  // namespace annmpi::data_tool::interruption
