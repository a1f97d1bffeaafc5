#pragma once

#include <cstdint>

namespace annmpi::data {

/// Properties of a whole set, over all ranks, that a device needs for its rows.
struct SetFacts {
  std::uint64_t chunk_rows = 1;  ///< rows of a chunk, the unit of work
  std::uint64_t chunks = 1;      ///< chunks on all ranks
  double largest_feature = 0;    ///< max |x| over all features as they are stored
};

}  // namespace annmpi::data
