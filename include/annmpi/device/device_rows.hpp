#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "annmpi/data/dataset.hpp"
#include "annmpi/data/local_set.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/data/set_facts.hpp"

namespace annmpi::device {

/// A rank's rows of a set, held by a device, with what it computes of them. They can be used once
/// they are complete: Device::complete().
class DeviceRows {
 public:
  DeviceRows() = default;
  DeviceRows(const DeviceRows&) = delete;
  DeviceRows& operator=(const DeviceRows&) = delete;
  virtual ~DeviceRows() = default;

  [[nodiscard]] virtual std::uint64_t rows() const = 0;
  /// Memory held for rows and for what is computed of them.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  /// The rows where the host keeps them, in its memory or in a file; null where the device alone
  /// has them.
  [[nodiscard]] virtual const data::LocalSet* on_host() const = 0;

  /// @throws std::logic_error before the rows are complete
  [[nodiscard]] const data::SetFacts& facts() const {
    if (!facts_) throw_incomplete();
    return *facts_;
  }

 protected:
  void set_facts(const data::SetFacts& facts) { facts_ = facts; }

 private:
  [[noreturn]] static void throw_incomplete();

  std::optional<data::SetFacts> facts_;
};

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

/// Blocks that a device with memory of its own has in the host's while it receives rows: one is
/// read while the other one is copied.
inline constexpr std::size_t blocks_on_the_way = 2;

/// What they take, in bytes, for so many rows.
[[nodiscard]] std::uint64_t memory_on_the_way(const RowsToCome& rows);

}  // namespace annmpi::device
