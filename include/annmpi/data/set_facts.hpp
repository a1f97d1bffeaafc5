#pragma once

#include <cstdint>

namespace annmpi::data {

/// Properties of a whole set, over all ranks, that a device needs for its rows.
struct SetFacts {
  std::uint64_t chunk_rows = 1;  ///< rows of a chunk, the unit of work
  std::uint64_t chunks = 1;      ///< chunks on all ranks
  double largest_feature = 0;    ///< max |x| over all features as they are stored, if needed
  double filled = 1;             ///< share of the features that are not 0, if needed
};

/// The facts that a device needs, out of those that cost a pass over all features.
struct NeededFacts {
  bool largest_feature = false;
  bool filled = false;
};

}  // namespace annmpi::data
