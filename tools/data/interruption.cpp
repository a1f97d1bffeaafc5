#include "interruption.hpp"

#include <csignal>

#include <signal.h>

namespace annmpi::data_tool::interruption {
namespace {

volatile std::sig_atomic_t arrived = 0;

extern "C" void remember(int number) {
  arrived = number;
}

}  // namespace

void install() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    // Keep signals ignored that are ignored at start, as under nohup or in the background of a
    // script.
    struct sigaction current {};
    if (::sigaction(number, nullptr, &current) == 0 && current.sa_handler == SIG_IGN) continue;
    ::sigaction(number, &action, nullptr);
  }
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

void check() {
  if (arrived != 0) throw Interrupted(arrived);
}

}  // namespace annmpi::data_tool::interruption
