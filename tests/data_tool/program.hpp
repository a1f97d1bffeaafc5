#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace annmpi::data_tool {

/// How a run of the program ended.
struct Ended {
  int status = -1;  // exit status, or -1 where a signal ended it
  int signal = 0;
  std::string output;
  std::string errors;
  long peak_kib = 0;  // largest resident memory
};

struct RunOptions {
  /// Largest file that the program may write: a full disk in small.
  std::optional<std::uint64_t> file_size_limit{};
  /// Called by the test while the program runs, with its process number.
  std::function<void(pid_t)> meanwhile{};
};

/// Runs annmpi-data with these words, and waits for its end.
Ended run_program(const std::vector<std::string>& words, const RunOptions& options = {});

}  // namespace annmpi::data_tool
