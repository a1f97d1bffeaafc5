#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "annmpi/data/dataset.hpp"

#include "schema.hpp"

namespace annmpi::data_tool {

/// A data file opened for reading, its header checked: datasets, shapes, types and attributes are
/// consistent.
class DataFile {
 public:
  /// @throws Error if the file is missing, damaged, or not a data file of annmpi.
  explicit DataFile(const std::string& path);

  [[nodiscard]] const std::string& path() const { return file_.path(); }
  [[nodiscard]] const data::Dataset& described() const { return described_; }
  [[nodiscard]] DataLayout layout() const;
  [[nodiscard]] const io::Hdf5Dataset& features() const { return features_; }
  [[nodiscard]] const io::Hdf5Dataset& labels() const { return labels_; }

  [[nodiscard]] bool has(const char* attribute) const { return file_.has_attribute(attribute); }
  [[nodiscard]] const std::string& source() const { return source_; }
  /// Rows per checksum; empty without checksums.
  [[nodiscard]] std::optional<std::uint64_t> checksum_rows() const { return checksum_rows_; }
  /// Dataset [blocks, 2]. Only for files with checksums.
  [[nodiscard]] io::Hdf5Dataset checksums() const;

 private:
  void find_checksums();

  io::Hdf5File file_;
  data::Dataset described_;
  io::Hdf5Dataset features_;
  io::Hdf5Dataset labels_;
  std::string source_;
  std::optional<std::uint64_t> checksum_rows_;
};

}  // namespace annmpi::data_tool
