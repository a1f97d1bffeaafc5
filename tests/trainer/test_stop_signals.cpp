#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>
#include <unistd.h>

#include "annmpi/trainer/stop_signals.hpp"

namespace annmpi::trainer {
namespace {

/// Runs in a child process: installs the handlers, calls `happen`, and exits with 1 if a signal was
/// recorded, else 0.
template <class Happen>
[[noreturn]] void note(Happen&& happen) {
  catch_stop_signals();
  if (stop_signal_received()) std::_Exit(9);
  happen();
  std::_Exit(stop_signal_received() ? 1 : 0);
}

TEST(StopSignals, SetAFlagAndNothingElse) {
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1})
    EXPECT_EXIT(note([&] { std::raise(signal); }), testing::ExitedWithCode(1), "") << signal;
  EXPECT_EXIT(note([] {}), testing::ExitedWithCode(0), "");
}

TEST(StopSignals, MayComeMoreThanOnce) {
  EXPECT_EXIT(note([] {
                for (int i = 0; i < 5; ++i) std::raise(SIGTERM);
                std::raise(SIGINT);
              }),
              testing::ExitedWithCode(1), "");
}

TEST(StopSignals, LetReadsThatTheyMeetGoOn) {
  EXPECT_EXIT(note([] {
                int ends[2];
                if (::pipe(ends) != 0) std::_Exit(8);
                const pid_t child = ::fork();
                if (child == 0) {
                  ::usleep(50'000);
                  ::kill(::getppid(), SIGTERM);
                  ::usleep(50'000);
                  const bool written = ::write(ends[1], "x", 1) == 1;
                  std::_Exit(written ? 0 : 1);
                }
                char byte = 0;
                // An interrupted read would return -1.
                if (::read(ends[0], &byte, 1) != 1) std::_Exit(7);
              }),
              testing::ExitedWithCode(1), "");
}

TEST(StopSignals, LeaveOtherSignalsAlone) {
  EXPECT_EXIT(note([] { std::raise(SIGHUP); }), testing::KilledBySignal(SIGHUP), "");
}

}  // namespace
}  // namespace annmpi::trainer
