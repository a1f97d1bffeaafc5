#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace annmpi::io {

/// The rows of a dataset that lie in the file one behind the other, as they are in memory: read
/// straight from there, without the HDF5 library, which only one thread at a time may use. Any
/// number of threads may read. Made by Hdf5File::row_file(). Move-only.
class RowFile {
 public:
  /// @param path of the file, @param label of the dataset, for messages
  /// @param offset of row 0 in the file, in bytes
  /// @throws Error if the file cannot be opened.
  RowFile(const std::string& path, std::string label, std::uint64_t offset, std::uint64_t rows,
          std::size_t row_bytes);
  RowFile(RowFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)),
        label_(std::move(other.label_)),
        offset_(other.offset_),
        rows_(other.rows_),
        row_bytes_(other.row_bytes_) {}
  RowFile& operator=(RowFile&&) = delete;
  ~RowFile();

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::size_t row_bytes() const { return row_bytes_; }

  /// Reads rows [first, first + count) into `bytes`, of just that size.
  /// @throws Error where the file ends before them (it was truncated meanwhile) or a disk fails.
  void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const;

  /// Tells the system that a row is going to be read, so that many can be on their way at once.
  void expect(std::uint64_t row) const noexcept;

 private:
  int descriptor_ = -1;
  std::string label_;
  std::uint64_t offset_;
  std::uint64_t rows_;
  std::size_t row_bytes_;
};

}  // namespace annmpi::io
