#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "annmpi/io/hdf5.hpp"

/// The layout of annmpi's data files, schema 1: dataset `features` [rows, features], dataset
/// `labels` [rows], and attributes of the root. Written by annmpi-data; a file written by hand
/// needs the two datasets only.
namespace annmpi::data_tool {

namespace schema {
inline constexpr std::int64_t version = 1;
inline constexpr auto version_attribute = "annmpi_schema";
inline constexpr auto features = "features";
inline constexpr auto labels = "labels";
/// The network sees feature * feature_scale.
inline constexpr auto feature_scale = "feature_scale";
inline constexpr auto class_names = "class_names";
/// [rows, columns] where the features are the pixels of an image, row after row.
inline constexpr auto image_shape = "image_shape";
/// Name and hash of what the file was made from.
inline constexpr auto source = "source";
/// Dataset [blocks, 2]: XXH3 (64 bits) of the bytes of `features` and of `labels`, per block of
/// `checksum_rows` rows; the last block may be shorter.
inline constexpr auto checksums = "chunk_checksums";
inline constexpr auto checksum_rows = "checksum_rows";
}  // namespace schema

/// Labels are 0 ... maximum_classes - 1. The names of all classes must fit into one attribute,
/// which HDF5 limits to 64 KiB.
inline constexpr std::int32_t maximum_classes = 4000;

/// The sizes and types of a data file.
struct DataLayout {
  std::uint64_t rows = 0;
  std::uint64_t features = 0;
  io::ElementType feature_type = io::ElementType::uint8;
  io::ElementType label_type = io::ElementType::uint8;

  [[nodiscard]] std::size_t row_bytes() const {
    return static_cast<std::size_t>(features) * io::bytes_of(feature_type);
  }
};

struct ImageShape {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

/// What the attributes tell.
struct DataDescription {
  double feature_scale = 1;
  std::vector<std::string> class_names{};
  std::optional<ImageShape> image_shape{};
  std::string source{};
};

/// "0", "1", ... for `count` classes that have no names.
inline std::vector<std::string> numbered_classes(std::int32_t count) {
  std::vector<std::string> names;
  for (std::int32_t label = 0; label < count; ++label) names.push_back(std::to_string(label));
  return names;
}

/// 1/255 for pixels, so that the network sees values in 0 ... 1; else 1.
inline double default_feature_scale(io::ElementType type) {
  return type == io::ElementType::uint8 ? 1.0 / 255.0 : 1.0;
}

}  // namespace annmpi::data_tool
