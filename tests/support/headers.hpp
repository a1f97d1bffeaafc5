#pragma once

#include <cstdint>

#include "annmpi/data/dataset.hpp"

namespace annmpi::tests {

/// The header of a data file with `rows` rows.
inline data::Dataset header_of(std::uint64_t rows, std::uint64_t features, io::ElementType type) {
  data::Dataset header;
  header.rows = rows;
  header.features = features;
  header.type = type;
  return header;
}

}  // namespace annmpi::tests
