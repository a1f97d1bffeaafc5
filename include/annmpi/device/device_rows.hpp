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

/// A rank's rows of a set on a device, with the device's results per row. Call Device::complete()
/// before using them.
class DeviceRows {
 public:
  DeviceRows() = default;
  DeviceRows(const DeviceRows&) = delete;
  DeviceRows& operator=(const DeviceRows&) = delete;
  virtual ~DeviceRows() = default;

  [[nodiscard]] virtual std::uint64_t rows() const = 0;
  /// Memory held for the rows and the results per row.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  /// The rows in host memory or in a file; null if they are only in the device's memory.
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

/// A rank's rows before they are read.
struct RowsToCome {
  const data::Dataset& set;
  data::Range rows;          ///< a run of whole chunks
  std::uint64_t chunk_rows;  ///< of the partition
  /// Upper limit for the features of a block, unless one chunk is larger.
  std::size_t block_bytes = data::default_block_bytes;

  [[nodiscard]] std::uint64_t block_rows() const {
    return data::rows_of_block(rows.size(), chunk_rows, set.row_bytes(), block_bytes);
  }
};

/// Fills a block with the features and labels of its range. May throw.
using ReadBlock = std::function<void(data::HostBlock& block)>;

/// Blocks in host memory while a device with its own memory receives rows: one is read while the
/// other is copied.
inline constexpr std::size_t blocks_on_the_way = 2;

/// The size of these blocks in bytes.
[[nodiscard]] std::uint64_t memory_on_the_way(const RowsToCome& rows);

}  // namespace annmpi::device
