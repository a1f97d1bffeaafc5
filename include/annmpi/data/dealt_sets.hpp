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
  bool streamed = false;  ///< features stay in the file, and are read whenever they are worked on
  /// Chunks of the partition that this rank works on at a time, as if they were one.
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

/// Deals the rows of all sets, in chunks of `chunk_rows` (0: make_partition's default), for a
/// network of so many parameters, and for what this rank computes with; in proportion to `shares`,
/// see Partition, or equally where there are none.
[[nodiscard]] DealtSets deal(const DataSets& sets, std::int64_t chunk_rows,
                             std::uint64_t parameters, int ranks, bool streamed = false,
                             Hardware hardware = Hardware::cpu,
                             std::span<const double> shares = {});

}  // namespace annmpi::data
