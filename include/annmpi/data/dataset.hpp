#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "annmpi/io/hdf5.hpp"

namespace annmpi::data {

/// The header of a data file (schema: docs/formats.md).
struct Dataset {
  std::string path;
  std::uint64_t rows = 0;
  std::uint64_t features = 0;                           ///< values per row
  io::ElementType type = io::ElementType::other;        ///< of the features
  io::ElementType label_type = io::ElementType::other;  ///< of the labels
  double feature_scale = 1;                             ///< input of the network: stored * scale
  std::vector<std::string> class_names;                 ///< empty where the file has none
  std::vector<std::int64_t> image_shape;                ///< [rows, columns] of an image, or empty

  /// Size of a row of features as stored.
  [[nodiscard]] std::size_t row_bytes() const {
    return static_cast<std::size_t>(features) * io::bytes_of(type);
  }
};

/// Reads and checks the header of an open file.
/// @throws Error if datasets are missing, have other shapes or types, or contradict each other.
[[nodiscard]] Dataset describe(const io::Hdf5File& file);

/// Checks that a network trained on `reference` can be applied to `other`.
/// @throws Error if the number of features, their scale or the classes differ.
void require_compatible(const Dataset& reference, const Dataset& other);

}  // namespace annmpi::data
