#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema.hpp"

namespace annmpi::data_tool {

/// A data file opened for reading, its form checked: datasets, shapes, types and attributes fit
/// one another. What a file made by hand may leave out is empty here.
class DataFile {
 public:
  /// @throws Error if the file is missing, damaged, or no data file of annmpi.
  explicit DataFile(const std::string& path);

  [[nodiscard]] const std::string& path() const { return file_.path(); }
  [[nodiscard]] const DataLayout& layout() const { return layout_; }
  [[nodiscard]] const io::Hdf5Dataset& features() const { return features_; }
  [[nodiscard]] const io::Hdf5Dataset& labels() const { return labels_; }

  [[nodiscard]] bool has_version() const { return has_version_; }
  [[nodiscard]] std::optional<double> feature_scale() const { return feature_scale_; }
  [[nodiscard]] const std::vector<std::string>& class_names() const { return class_names_; }
  [[nodiscard]] std::optional<ImageShape> image_shape() const { return image_shape_; }
  [[nodiscard]] const std::string& source() const { return source_; }
  /// Rows per checksum; empty where there are no checksums.
  [[nodiscard]] std::optional<std::uint64_t> checksum_rows() const { return checksum_rows_; }
  /// Dataset [blocks, 2]. Call only where there are checksums.
  [[nodiscard]] io::Hdf5Dataset checksums() const;

 private:
  void read_layout();
  void read_attributes();
  void find_checksums();

  io::Hdf5File file_;
  io::Hdf5Dataset features_;
  io::Hdf5Dataset labels_;
  DataLayout layout_;
  bool has_version_ = false;
  std::optional<double> feature_scale_;
  std::vector<std::string> class_names_;
  std::optional<ImageShape> image_shape_;
  std::string source_;
  std::optional<std::uint64_t> checksum_rows_;
};

}  // namespace annmpi::data_tool
