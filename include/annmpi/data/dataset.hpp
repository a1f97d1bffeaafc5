#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "annmpi/io/hdf5.hpp"

namespace annmpi::data {

/// What a data file says of itself, without its rows (schema: docs/formats.md).
struct Dataset {
  std::string path;
  std::uint64_t rows = 0;
  std::uint64_t features = 0;                           ///< values per row
  io::ElementType type = io::ElementType::other;        ///< of the features
  io::ElementType label_type = io::ElementType::other;  ///< of the labels
  double feature_scale = 1;                             ///< the network sees stored value * scale
  std::vector<std::string> class_names;                 ///< empty where the file has none
  std::vector<std::int64_t> image_shape;                ///< [rows, columns] of an image, or empty

  /// Of the features of a row, as they are stored.
  [[nodiscard]] std::size_t row_bytes() const {
    return static_cast<std::size_t>(features) * io::bytes_of(type);
  }
};

/// Reads and checks the header of an open file.
/// @throws Error if datasets are missing, of other shapes or types, or disagree with each other.
[[nodiscard]] Dataset describe(const io::Hdf5File& file);

/// Checks that the rows of `other` mean the same to a network as those of `reference`.
/// @throws Error if the number of features, their scale or the classes differ.
void require_compatible(const Dataset& reference, const Dataset& other);

}  // namespace annmpi::data
