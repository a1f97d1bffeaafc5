#include "annmpi/trainer/stop_signals.hpp"

#include <csignal>
#include <initializer_list>

namespace annmpi::trainer {
namespace {

volatile std::sig_atomic_t received = 0;

void note_signal(int) {
  received = 1;
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = note_signal;
  // Restart interrupted reads and writes instead of failing with EINTR.
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaction(signal, &action, nullptr);
}

bool stop_signal_received() {
  return received != 0;
}

}  // namespace annmpi::trainer
