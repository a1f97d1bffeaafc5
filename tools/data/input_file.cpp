#include "input_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "annmpi/base/error.hpp"

#include "interruption.hpp"

namespace annmpi::data_tool {

InputFile::InputFile(std::string path) : path_(std::move(path)) {
  require(path_ != "-",
          "-: standard input cannot be converted (the input is read more than once); save it to a "
          "file first");
  struct stat status {};
  require(::stat(path_.c_str(), &status) == 0, "{}: cannot be read ({}); check the path", path_,
          std::strerror(errno));
  require(!S_ISDIR(status.st_mode), "{}: cannot be read (it is a folder); name a file", path_);
  require(S_ISREG(status.st_mode),
          "{}: cannot be read (it is a pipe or a device, and the input is read more than once); "
          "save it to a file first",
          path_);
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  require(descriptor_ >= 0, "{}: cannot be read ({}); check its permissions", path_,
          std::strerror(errno));
  bytes_ = static_cast<std::uint64_t>(status.st_size);
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::size_t InputFile::read(std::span<char> buffer) {
  interruption::check();
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = ::pread(descriptor_, buffer.data() + filled, buffer.size() - filled,
                                  static_cast<off_t>(position_));
    if (count < 0 && errno == EINTR) continue;
    require(count >= 0, "{}: cannot be read ({}); check the disk", path_, std::strerror(errno));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
    position_ += static_cast<std::uint64_t>(count);
  }
  return filled;
}

void require_different_files(const std::string& input, const std::string& output) {
  std::error_code neither_exists;
  require(!std::filesystem::equivalent(input, output, neither_exists),
          "{}: is also the input (it would be overwritten); choose another name for the output",
          output);
}

std::string short_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace annmpi::data_tool
