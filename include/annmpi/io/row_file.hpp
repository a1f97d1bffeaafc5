#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace annmpi::io {

/// Identifies a file and its state, to detect changes.
struct FileState {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t bytes = 0;
  /// Time of the last modification (st_mtime).
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
};

/// The rows of a dataset that is contiguous in its file and stored as in memory. They are read
/// directly, without the HDF5 library, which allows one thread at a time; any number of threads may
/// read. Made by Hdf5File::row_file(). Move-only.
class RowFile {
 public:
  /// @param path of the file, @param label of the dataset, for messages
  /// @param offset of row 0 in the file, in bytes
  /// @throws Error if the file cannot be opened.
  RowFile(const std::string& path, std::string label, std::uint64_t offset, std::uint64_t rows,
          std::size_t row_bytes);
  RowFile(RowFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)),
        path_(std::move(other.path_)),
        opened_(other.opened_),
        label_(std::move(other.label_)),
        offset_(other.offset_),
        rows_(other.rows_),
        row_bytes_(other.row_bytes_) {}
  RowFile& operator=(RowFile&&) = delete;
  ~RowFile();

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::size_t row_bytes() const { return row_bytes_; }

  /// Reads rows [first, first + count) into `bytes`, which must have exactly their size.
  /// @throws Error where the file ends before them (it was truncated meanwhile) or the disk fails.
  void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const;

  /// Checks that everything read before this call came from the file as it was opened: the path
  /// still names it, its size is the same, and it was not modified (st_mtime).
  /// @throws Error otherwise.
  void require_unchanged() const;

  /// Announces a read to the system, so that a disk can fetch many rows at once.
  void expect(std::uint64_t row) const noexcept;

 private:
  int descriptor_ = -1;
  std::string path_;
  FileState opened_;
  std::string label_;
  std::uint64_t offset_;
  std::uint64_t rows_;
  std::size_t row_bytes_;
};

}  // namespace annmpi::io
