#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace annmpi::data_tool {

/// Reports progress on standard error: on a terminal one line that is redrawn, elsewhere a plain
/// line every few seconds. Short work reports nothing.
class Progress {
 public:
  /// `what` names the work, `total` its units (bytes or rows).
  Progress(std::string what, std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Cheap enough for every block, not for every row.
  void update(std::uint64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  std::uint64_t total_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_;
  Clock::time_point next_;
};

}  // namespace annmpi::data_tool
