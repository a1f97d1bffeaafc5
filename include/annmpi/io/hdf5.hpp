#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annmpi/io/element_type.hpp"
#include "annmpi/io/row_file.hpp"

/// HDF5 files, as far as annmpi needs them: attributes of the root, and datasets read and written
/// by rows. Every failure is an Error that names the file and the object.
namespace annmpi::io {

/// A move-only handle of the HDF5 library, closed by its destructor. Negative means empty.
class Hdf5Handle {
 public:
  using Closer = int (*)(std::int64_t);

  Hdf5Handle() = default;
  Hdf5Handle(std::int64_t id, Closer closer) : id_(id), closer_(closer) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  ~Hdf5Handle() { close(); }

  [[nodiscard]] std::int64_t id() const { return id_; }
  [[nodiscard]] bool valid() const { return id_ >= 0; }

  /// Closes now; false where the library fails (a full disk shows here).
  bool close() noexcept { return id_ < 0 || closer_(std::exchange(id_, -1)) >= 0; }

 private:
  std::int64_t id_ = -1;
  Closer closer_ = nullptr;
};

/// A dataset of an open file. Must not outlive its Hdf5File.
class Hdf5Dataset {
 public:
  /// No dataset.
  Hdf5Dataset() = default;
  Hdf5Dataset(Hdf5Handle handle, std::string label);

  [[nodiscard]] const std::vector<std::uint64_t>& shape() const { return shape_; }
  [[nodiscard]] ElementType type() const { return type_; }
  /// Elements per index of the leading dimension.
  [[nodiscard]] std::uint64_t row_elements() const;
  /// "file: name", for messages.
  [[nodiscard]] const std::string& label() const { return label_; }

  /// Reads rows [first, first + count) of the leading dimension into `values`, row-major,
  /// converted to T: the C++ type of an ElementType, or uint64_t.
  template <class T>
  void read_rows(std::uint64_t first, std::uint64_t count, std::span<T> values) const;

  /// Writes rows [first, first + count).
  template <class T>
  void write_rows(std::uint64_t first, std::uint64_t count, std::span<const T> values);

  /// As above, for bytes that hold elements of the dataset's own type.
  void read_rows_as_stored(std::uint64_t first, std::uint64_t count,
                           std::span<std::byte> bytes) const;
  void write_rows_as_stored(std::uint64_t first, std::uint64_t count,
                            std::span<const std::byte> bytes);

 private:
  void transfer(std::uint64_t first, std::uint64_t count, std::size_t elements,
                std::int64_t memory_type, void* destination, const void* source) const;

  Hdf5Handle handle_;
  std::string label_;
  std::vector<std::uint64_t> shape_;
  ElementType type_ = ElementType::other;
};

class Hdf5File {
 public:
  /// Opens for reading. @throws Error if the file is missing, unreadable, or not HDF5.
  static Hdf5File open(const std::string& path);

  /// Creates or truncates. Pass the temporary path of a PendingFile; messages use `shown_path`.
  static Hdf5File create(const std::string& path, const std::string& shown_path);

  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] bool has_dataset(const std::string& name) const;
  [[nodiscard]] Hdf5Dataset dataset(const std::string& name) const;

  /// The rows of a dataset, for reading by any thread.
  /// @throws Error unless they are contiguous in the file and stored as in memory.
  [[nodiscard]] RowFile row_file(const std::string& name) const;

  /// Creates a contiguous dataset and the groups on its path (`a/b/c`).
  Hdf5Dataset create_dataset(const std::string& name, ElementType type,
                             const std::vector<std::uint64_t>& shape);
  /// The same for unsigned 64-bit numbers (checksums).
  Hdf5Dataset create_uint64_dataset(const std::string& name,
                                    const std::vector<std::uint64_t>& shape);

  /// Attributes of the root. Numbers and strings are converted from any width.
  [[nodiscard]] bool has_attribute(const std::string& name) const;
  [[nodiscard]] double real(const std::string& name) const;
  [[nodiscard]] std::int64_t integer(const std::string& name) const;
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& name) const;
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& name) const;

  void set_attribute(const std::string& name, double value);
  void set_attribute(const std::string& name, std::int64_t value);
  void set_attribute(const std::string& name, const std::vector<std::int64_t>& values);
  void set_attribute(const std::string& name, const std::string& value);
  void set_attribute(const std::string& name, const std::vector<std::string>& values);

  /// Flushes and closes. All datasets must be destroyed before. @throws Error where the disk is
  /// full.
  void close();

 private:
  Hdf5File(Hdf5Handle handle, std::string path);

  [[nodiscard]] Hdf5Handle attribute(const std::string& name) const;
  [[nodiscard]] Hdf5Dataset create_dataset_of(const std::string& name, std::int64_t file_type,
                                              const std::vector<std::uint64_t>& shape);
  void write_attribute(const std::string& name, std::int64_t type, std::int64_t space,
                       const void* value);

  Hdf5Handle handle_;
  std::string path_;
};

}  // namespace annmpi::io
