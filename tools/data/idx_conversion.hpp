#pragma once

#include <string>
#include <vector>

#include "row_range.hpp"
#include "summary.hpp"

namespace annmpi::data_tool {

/// The arguments of `annmpi-data idx`.
struct IdxRequest {
  std::string images;
  std::string labels;
  std::string output;
  std::vector<std::string> class_names{};
  RowRange rows{};
  bool force = false;
};

/// Converts in constant memory; both inputs are checked to their ends.
/// @throws Error, and leaves no file behind.
ConversionSummary convert_idx(const IdxRequest& request);

}  // namespace annmpi::data_tool
