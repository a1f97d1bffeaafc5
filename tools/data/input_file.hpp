#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace annmpi::data_tool {

/// A regular file for sequential reading, possibly several times.
///
/// Files are read in blocks instead of mapped, because mapped pages count as resident memory.
class InputFile {
 public:
  /// @throws Error if the file is missing, unreadable, a folder or a pipe.
  explicit InputFile(std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t position() const { return position_; }

  /// Fills as much of `buffer` as the file still has; returns the number of bytes, 0 at its end.
  std::size_t read(std::span<char> buffer);
  void rewind() { position_ = 0; }

 private:
  std::string path_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
  std::uint64_t position_ = 0;
};

/// @throws Error if `output` names the file `input`, by whatever path.
void require_different_files(const std::string& input, const std::string& output);

/// The file's name without its folder, for the attribute `source`.
std::string short_name(const std::string& path);

}  // namespace annmpi::data_tool
