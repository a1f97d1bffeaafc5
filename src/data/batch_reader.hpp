#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "annmpi/data/batch_order.hpp"
#include "annmpi/data/local_set.hpp"

#include "data/read_ahead.hpp"

namespace annmpi::data {

/// Reads this rank's own rows of each batch from their file, a few batches ahead, since their order
/// is known (BatchOrder). All rows of a batch are announced to the system, then read in ascending
/// order, so that a disk can fetch many at once.
class BatchReader {
 public:
  static constexpr std::size_t batches_in_memory = 3;

  /// `rows` are streamed; the references must outlive the reader.
  /// @param stride from one row to the next in memory, in bytes
  BatchReader(const BatchOrder& order, const LocalSet& rows, std::size_t stride);

  /// The rank's own rows of a batch in the batch's order, one every `stride` bytes; valid until the
  /// next call. Asking for another batch than the next one costs a wait.
  /// @throws Error if they cannot be read, or their file has changed since.
  [[nodiscard]] const std::byte* own_rows_of(BatchPlace place);

  /// Memory of a reader on a rank with `own_rows` rows, in bytes.
  [[nodiscard]] static std::uint64_t memory(std::uint64_t batch_rows, std::uint64_t own_rows,
                                            std::size_t stride) {
    return batches_in_memory * most_own_rows(batch_rows, own_rows) * (stride + sizeof(OwnRow));
  }

 private:
  using OwnRow = std::pair<std::uint64_t, std::size_t>;  ///< row, and its index among own rows
  struct Batch {
    std::vector<std::byte> features;
    std::vector<OwnRow> own;
  };

  /// Upper limit of a rank's rows in a batch.
  [[nodiscard]] static std::uint64_t most_own_rows(std::uint64_t batch_rows,
                                                   std::uint64_t own_rows) {
    return std::min(batch_rows, own_rows);
  }
  void read(Batch& batch);
  [[nodiscard]] BatchPlace after(BatchPlace place) const;

  const BatchOrder& order_;
  const LocalSet& rows_;
  std::size_t stride_;
  BatchPlace expected_{0, 0};
  BatchPlace to_read_{0, 0};  ///< owned by the thread while it runs
  std::unique_ptr<ReadAhead<Batch>> ahead_;
};

}  // namespace annmpi::data
