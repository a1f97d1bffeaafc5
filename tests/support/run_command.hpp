#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <sys/wait.h>

namespace annmpi::tests {

/// The result of a shell command.
struct Ending {
  int status;        ///< its exit status; minus the signal that ended it
  std::string text;  ///< standard output and standard error
  double seconds;
};

inline Ending run_command(const std::string& command) {
  const auto start = std::chrono::steady_clock::now();
  std::FILE* pipe = ::popen((command + " 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start " + command);
  Ending ending{-1, "", 0};
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr)
    ending.text += buffer.data();
  const int status = ::pclose(pipe);
  ending.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  ending.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return ending;
}

/// The number of occurrences of `part` in `text`.
inline int occurrences(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace annmpi::tests
