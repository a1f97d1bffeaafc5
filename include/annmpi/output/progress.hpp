#pragma once

#include <chrono>
#include <cstdint>

#include "annmpi/trainer/record.hpp"

namespace annmpi::output {

/// How training goes, for the person who waits: one line that is redrawn on a terminal, a plain
/// line every few seconds on a file.
class Progress final : public trainer::Observer {
 public:
  explicit Progress(std::int64_t max_iterations);
  void observe(const trainer::Record& record) override;
  /// Clears the line.
  void finish() override;

 private:
  using Clock = std::chrono::steady_clock;

  std::int64_t max_iterations_;
  bool on_terminal_;
  bool line_open_ = false;
  Clock::time_point last_shown_;
};

/// Whether standard output ends at a terminal. mpirun gives its programs a terminal of their own
/// in any case, so that its output has to be looked at instead.
[[nodiscard]] bool stdout_is_terminal();

}  // namespace annmpi::output
