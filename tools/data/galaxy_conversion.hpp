#pragma once

#include <cstdint>
#include <string>

#include "summary.hpp"

namespace annmpi::data_tool {

/// The arguments of `annmpi-data galaxies`.
struct GalaxyRequest {
  std::string output;  // *.csv or *.h5
  std::uint64_t rows = 0;
  int image_size = 32;
  std::uint64_t seed = 0;
  bool force = false;
};

inline constexpr int smallest_image = 8;
inline constexpr int largest_image = 1024;

/// Generates the rows one by one, in constant memory. @throws Error, and leaves no file behind.
ConversionSummary make_galaxies(const GalaxyRequest& request);

}  // namespace annmpi::data_tool
