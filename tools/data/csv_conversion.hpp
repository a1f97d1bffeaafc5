#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "row_range.hpp"
#include "schema.hpp"
#include "summary.hpp"

namespace annmpi::data_tool {

/// The arguments of `annmpi-data csv`.
struct CsvRequest {
  std::string input;
  std::string output;
  std::string label_column = "0";
  std::vector<std::string> class_names{};
  std::optional<io::ElementType> type{};
  std::optional<double> feature_scale{};
  std::optional<ImageShape> image_shape{};
  RowRange rows{};
  std::optional<std::uint64_t> shuffle_seed{};
  bool force = false;
};

/// Converts in constant memory: one pass counts the rows and hashes the input, a second one parses
/// and writes. Features are first assumed to be pixels and labels to be uint8; the first value that
/// does not fit restarts the second pass with a wider type.
/// @throws Error, and leaves no file behind.
ConversionSummary convert_csv(const CsvRequest& request);

/// The image shape of rows with `features` values: the requested one, or for pixels that fill a
/// square of at least 8 x 8 that square. @throws Error if the requested one does not fit.
std::optional<ImageShape> image_shape_for(const std::optional<ImageShape>& asked,
                                          const DataLayout& layout);

}  // namespace annmpi::data_tool
