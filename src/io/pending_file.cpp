#include "annmpi/io/pending_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

#include "annmpi/base/error.hpp"

namespace annmpi::io {
namespace {

std::string reason() {
  return std::strerror(errno);
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

/// RAII for a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] bool valid() const { return number_ >= 0; }
  [[nodiscard]] bool sync() const { return ::fsync(number_) == 0; }

 private:
  int number_;
};

}  // namespace

PendingFile::PendingFile(std::string path, bool overwrite)
    : path_(std::move(path)), overwrite_(overwrite) {
  std::error_code ignored;
  const bool exists = std::filesystem::exists(path_, ignored);
  require(!std::filesystem::is_directory(path_, ignored),
          "{}: cannot be written (it is a folder); name a file", path_);
  require(overwrite_ || !exists, "{}: already exists; choose another name or ask to overwrite it",
          path_);
  const std::string candidate = fmt::format("{}.partial-{}", path_, ::getpid());
  const Descriptor file(::open(candidate.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  require(file.valid(), "{}: cannot be written ({}); check that the folder {} exists and is yours",
          path_, reason(), folder_of(path_));
  temporary_path_ = candidate;
}

PendingFile::~PendingFile() {
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
}

void PendingFile::commit() {
  {
    const Descriptor file(::open(temporary_path_.c_str(), O_RDONLY | O_CLOEXEC));
    require(file.valid() && file.sync(), "{}: cannot be saved ({}); free space and try again",
            path_, reason());
  }
  // link() does not replace a file that another program created under this name meanwhile.
  const bool moved =
      overwrite_ ? ::rename(temporary_path_.c_str(), path_.c_str()) == 0
                 : ::link(temporary_path_.c_str(), path_.c_str()) == 0 ||
                       (errno != EEXIST && ::rename(temporary_path_.c_str(), path_.c_str()) == 0);
  require(moved, "{}: cannot be renamed to its final name ({}); check the folder {}", path_,
          reason(), folder_of(path_));
  ::unlink(temporary_path_.c_str());
  temporary_path_.clear();
  // The rename reaches the disk with the folder; some file systems cannot sync folders.
  const Descriptor folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid()) (void)folder.sync();
}

void write_text_file(const std::string& path, const std::string& text, bool overwrite) {
  PendingFile pending(path, overwrite);
  {
    std::ofstream file(pending.temporary_path(), std::ios::binary);
    file << text << std::flush;
    require(file.good(), "{}: cannot be written ({}); free space and try again", path, reason());
  }
  pending.commit();
}

std::string read_text_file(const std::string& path) {
  std::error_code ignored;
  require(!std::filesystem::is_directory(path, ignored),
          "{}: cannot be read (it is a folder); name a file", path);
  std::ifstream file(path, std::ios::binary);
  require(file.good(), "{}: cannot be read ({}); check the path", path, reason());
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  require(!file.bad(), "{}: cannot be read ({}); check the disk", path, reason());
  return text;
}

}  // namespace annmpi::io
