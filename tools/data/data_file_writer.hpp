#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "annmpi/io/hdf5.hpp"

#include "schema.hpp"

namespace annmpi::data_tool {

/// Writes a data file (see schema.hpp): first rows in any order, then `finish`.
class DataFileWriter {
 public:
  /// Creates the file at `path`; messages use `shown_path`.
  DataFileWriter(const std::string& path, const std::string& shown_path, const DataLayout& layout);

  [[nodiscard]] const DataLayout& layout() const { return layout_; }

  /// Rows [first, first + labels.size()); features are bytes of the layout's type.
  void write(std::uint64_t first, std::span<const std::byte> features,
             std::span<const std::int32_t> labels);
  /// Reads back what was written.
  void read(std::uint64_t first, std::span<std::byte> features,
            std::span<std::int32_t> labels) const;

  /// Writes attributes and checksums, and closes. Checksums are computed from the file, read back,
  /// because rows may be written in any order.
  void finish(const DataDescription& description);

 private:
  DataLayout layout_;
  // Destroyed in reverse order: the datasets before their file.
  io::Hdf5File file_;
  io::Hdf5Dataset features_;
  io::Hdf5Dataset labels_;
};

}  // namespace annmpi::data_tool
