#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "annmpi/data/data_sets.hpp"
#include "annmpi/data/partition.hpp"

namespace annmpi::data {

/// A data set and how its rows are dealt to the ranks.
struct DealtSet {
  Dataset set;
  Partition partition;
  bool streamed = false;  ///< whether features stay in the file and are read in every pass
  /// Chunks of the partition that this rank processes together as one.
  std::uint64_t chunks_at_a_time = 1;

  [[nodiscard]] std::uint64_t rows_at_a_time() const {
    return chunks_at_a_time * partition.chunk_rows();
  }
};

/// All sets of a run.
struct DealtSets {
  DealtSet training;
  std::optional<DealtSet> monitored;
  std::optional<DealtSet> test;
};

/// Deals the rows of all sets to the ranks, in proportion to `shares` (see Partition), or equally
/// if empty. `chunk_rows` = 0 selects make_partition's default for the number of parameters and the
/// hardware.
[[nodiscard]] DealtSets deal(const DataSets& sets, std::int64_t chunk_rows,
                             std::uint64_t parameters, int ranks, bool streamed = false,
                             Hardware hardware = Hardware::cpu,
                             std::span<const double> shares = {});

}  // namespace annmpi::data
