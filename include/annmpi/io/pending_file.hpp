#pragma once

#include <string>

namespace annmpi::io {

/// A file that gets its name only when it is complete.
///
/// Content is written to `temporary_path()` in the same folder. `commit()` syncs it to disk and
/// renames it; without a commit the destructor removes it, so that a failed or interrupted program
/// leaves nothing under the final name.
class PendingFile {
 public:
  /// @throws Error if the folder does not exist or is not writable, or if `path` exists and
  /// `overwrite` is false.
  PendingFile(std::string path, bool overwrite);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  /// Where to write. The file exists and is empty.
  [[nodiscard]] const std::string& temporary_path() const { return temporary_path_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Syncs the file, renames it and syncs the folder. All writers must have closed the file.
  /// @throws Error where the disk is full or the rename is refused.
  void commit();

 private:
  std::string path_;
  std::string temporary_path_;
  bool overwrite_ = false;
};

/// Writes `text` to the file `path`, complete or not at all.
/// @throws Error as PendingFile does.
void write_text_file(const std::string& path, const std::string& text, bool overwrite);

/// @throws Error if the file cannot be read.
std::string read_text_file(const std::string& path);

}  // namespace annmpi::io
