#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "annmpi/data/dataset.hpp"
#include "annmpi/data/local_set.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/data/set_facts.hpp"

namespace annmpi::device {

class DeviceRows;

/// Rows of a rank that are about to be read.
struct RowsToCome {
  const data::Dataset& set;
  data::Range rows;          ///< a run of whole chunks
  std::uint64_t chunk_rows;  ///< of the partition
  /// Features of a block, at most, so long as a chunk is no larger.
  std::size_t block_bytes = data::default_block_bytes;

  [[nodiscard]] std::uint64_t block_rows() const {
    return data::rows_of_block(rows.size(), chunk_rows, set.row_bytes(), block_bytes);
  }
};

/// Fills a block with the rows of its range: features and labels. May throw.
using ReadBlock = std::function<void(data::HostBlock& block)>;

/// Rows that a device has taken over, before it is told what is known of the whole set once all
/// ranks have read theirs. The device must outlive them.
class ReceivedRows {
 public:
  ReceivedRows() = default;
  ReceivedRows(const ReceivedRows&) = delete;
  ReceivedRows& operator=(const ReceivedRows&) = delete;
  virtual ~ReceivedRows() = default;

  /// To be called once.
  [[nodiscard]] virtual std::unique_ptr<DeviceRows> hold(const data::SetFacts& facts) = 0;
};

/// Blocks that a device with memory of its own has in the host's while it receives rows: one is
/// read while the other one is copied.
inline constexpr std::size_t blocks_on_the_way = 2;

/// What they take, in bytes, for so many rows.
[[nodiscard]] std::uint64_t memory_on_the_way(const RowsToCome& rows);

}  // namespace annmpi::device
