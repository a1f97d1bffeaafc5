#pragma once

#include <chrono>
#include <cstdint>

#include "annmpi/trainer/record.hpp"

namespace annmpi::output {

/// Progress for people: on a terminal one line that is redrawn, elsewhere a plain line every few
/// seconds.
class Progress final : public trainer::Observer {
 public:
  explicit Progress(std::int64_t max_iterations);
  void observe(const trainer::Record& record) override;
  /// Clears the terminal line.
  void finish() override;

 private:
  using Clock = std::chrono::steady_clock;

  std::int64_t max_iterations_;
  bool on_terminal_;
  bool line_open_ = false;
  Clock::time_point last_shown_;
};

/// Whether standard output is a terminal. mpirun always gives its programs a pseudo-terminal, so
/// its own output is examined instead.
[[nodiscard]] bool stdout_is_terminal();

}  // namespace annmpi::output
