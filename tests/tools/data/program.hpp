#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace annmpi::data_tool {

/// The result of a run of the program.
struct Ended {
  int status = -1;  // exit status, or -1 if a signal ended it
  int signal = 0;
  std::string output;
  std::string errors;
  long peak_kib = 0;  // largest resident memory
};

struct RunOptions {
  /// Limit of file sizes, which simulates a full disk.
  std::optional<std::uint64_t> file_size_limit{};
  /// Called while the program runs, with its process number.
  std::function<void(pid_t)> meanwhile{};
};

/// Runs annmpi-data with these arguments and waits for it.
Ended run_program(const std::vector<std::string>& words, const RunOptions& options = {});

}  // namespace annmpi::data_tool
