#include "tools/data/program.hpp"

#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "annmpi/io/pending_file.hpp"

#include "support/temporary_folder.hpp"

namespace annmpi::data_tool {
namespace {

/// Runs in the child process and never returns.
[[noreturn]] void become_program(const std::vector<char*>& arguments, const std::string& output,
                                 const std::string& errors, const RunOptions& options) {
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  if (options.file_size_limit) {
    const rlimit limit{*options.file_size_limit, *options.file_size_limit};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

Ended run_program(const std::vector<std::string>& words, const RunOptions& options) {
  const tests::TemporaryFolder folder;
  std::vector<std::string> line{ANNMPI_DATA_PROGRAM};
  line.insert(line.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : line) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) become_program(arguments, folder / "output", folder / "errors", options);
  if (options.meanwhile) options.meanwhile(child);
  int state = 0;
  rusage usage{};
  if (::wait4(child, &state, 0, &usage) != child) throw std::runtime_error("wait4 failed");
  Ended ended;
  if (WIFEXITED(state)) ended.status = WEXITSTATUS(state);
  if (WIFSIGNALED(state)) ended.signal = WTERMSIG(state);
  ended.output = io::read_text_file(folder / "output");
  ended.errors = io::read_text_file(folder / "errors");
  ended.peak_kib = usage.ru_maxrss;
  return ended;
}

}  // namespace annmpi::data_tool
