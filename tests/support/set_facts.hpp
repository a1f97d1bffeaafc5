#pragma once

#include <cstdint>

#include "annmpi/data/host_block.hpp"
#include "annmpi/device/device.hpp"

#include "support/samples.hpp"

namespace annmpi::tests {

/// The SetFacts of a whole set of samples.
inline data::SetFacts facts_of(const Samples& samples, std::uint64_t chunk_rows) {
  return {.chunk_rows = chunk_rows,
          .chunks = (samples.rows + chunk_rows - 1) / chunk_rows,
          .largest_feature = data::largest_feature(shard_of(samples))};
}

}  // namespace annmpi::tests
