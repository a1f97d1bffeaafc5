#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "annmpi/base/log.hpp"

#include "output/progress.hpp"
#include "output/records.hpp"

namespace annmpi::output {
namespace {

using namespace std::chrono_literals;

/// Makes standard output a terminal for its lifetime.
class Terminal {
 public:
  Terminal() : saved_(::dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    int terminal = -1;
    if (::openpty(&reader_, &terminal, nullptr, nullptr, nullptr) != 0)
      throw std::runtime_error("no pseudo-terminal");
    ::dup2(terminal, STDOUT_FILENO);
    ::close(terminal);
    ::fcntl(reader_, F_SETFL, O_NONBLOCK);
  }
  ~Terminal() {
    restore();
    ::close(reader_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// The output since the last call.
  std::string text() {
    std::fflush(stdout);
    std::string out;
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto count = ::read(reader_, buffer.data(), buffer.size());
      if (count <= 0) return out;
      out.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  void restore() {
    std::fflush(stdout);
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
  }

  int saved_;
  int reader_ = -1;
};

/// Iteration 30 after 15 s: 2 iterations per second.
trainer::Record steady_record() {
  trainer::Record record = tests::some_record();
  record.iteration = 30;
  record.seconds = 15;
  return record;
}

struct Shown {
  std::string first, second, at_the_end;
};

/// The output for one record 0.1 s after the start, one immediately after it, and the end.
Shown show_on_terminal(const trainer::Record& record, std::int64_t max_iterations) {
  Terminal terminal;
  Progress progress(max_iterations);
  std::this_thread::sleep_for(110ms);
  Shown shown;
  progress.observe(record);
  shown.first = terminal.text();
  progress.observe(record);
  shown.second = terminal.text();
  progress.finish();
  shown.at_the_end = terminal.text();
  return shown;
}

TEST(Progress, IsOneLineThatIsRedrawnOnATerminal) {
  const Shown shown = show_on_terminal(steady_record(), 600);
  EXPECT_EQ(
      shown.first,
      "\r30/600  train 0.100000 66.7 %  monitored 1.500000 50.0 %  2/s  4 min 45 s left\x1b[K");
  EXPECT_EQ(shown.second, "") << "a person reads ten lines a second at most";
  EXPECT_EQ(shown.at_the_end, "\r\x1b[K") << "the line makes way for what follows";
}

TEST(Progress, ShowsTheTimeLeftInReadableUnits) {
  trainer::Record record = steady_record();
  EXPECT_NE(show_on_terminal(record, 40).first.find("  5 s left"), std::string::npos);
  EXPECT_NE(show_on_terminal(record, 30 + 2 * 7500).first.find("  2 h 05 min left"),
            std::string::npos);
  record.iteration = 0;  // the speed is unknown
  record.seconds = 0;
  record.monitored.reset();
  EXPECT_EQ(show_on_terminal(record, 600).first, "\r0/600  train 0.100000 66.7 %\x1b[K");
}

TEST(Progress, IsSilentWhereTheLogIs) {
  log::set_level(log::Level::warning);
  const Shown shown = show_on_terminal(steady_record(), 600);
  log::set_level(log::Level::info);
  EXPECT_EQ(shown.first + shown.second + shown.at_the_end, "");
}

TEST(Progress, DoesNotFillAFile) {
  testing::internal::CaptureStdout();
  {
    Progress progress(600);
    for (int i = 0; i < 1000; ++i) progress.observe(steady_record());
    progress.finish();
  }
  // At most one line every five seconds.
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace annmpi::output
