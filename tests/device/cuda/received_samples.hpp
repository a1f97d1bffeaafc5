#pragma once

#include <algorithm>
#include <cstdint>

#include "annmpi/device/device_rows.hpp"

#include "support/samples.hpp"

namespace annmpi::tests {

/// The metadata of a data file with these samples.
inline data::Dataset header_of(const Samples& samples) {
  data::Dataset set;
  set.rows = samples.rows;
  set.features = samples.columns;
  set.type = samples.type;
  set.feature_scale = samples.feature_scale;
  return set;
}

/// Fills a block with rows of samples, like a read from a file.
inline void read_block(const Samples& samples, data::HostBlock& block) {
  const data::HostBlock rows = shard_of(samples, block.range());
  std::ranges::copy(rows.bytes(), block.bytes().begin());
  std::ranges::copy(rows.labels(), block.labels().begin());
}

}  // namespace annmpi::tests
