#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "annmpi/base/rank_exchange.hpp"
#include "annmpi/data/batch.hpp"
#include "annmpi/data/batch_order.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/data/local_set.hpp"
#include "annmpi/data/partition.hpp"

namespace annmpi::data {

class BatchReader;

/// Sends the rows of each batch from the ranks that own them to all ranks. Ownership decides which
/// rank sends a row, not which rank computes with it.
///
/// During a step, the rows of the epoch's next batch are in transfer; for streamed sets, the rows
/// of the next few batches are read ahead.
class BatchSource {
 public:
  /// `own` are this rank's rows of `partition`; `exchange` may be null on a single rank. The
  /// references must outlive the source.
  BatchSource(const BatchOrder& order, const LocalSet& own, const Partition& partition,
              RankExchange* exchange);
  ~BatchSource();

  /// The batch, valid until the next call; none on all ranks if any rank could not read its rows.
  /// Collective.
  [[nodiscard]] std::optional<Batch> batch_at(const BatchPlace& place);

  /// Completes pending transfers. Call it wherever an epoch may end early. Collective.
  void receive_pending();

  /// @throws Error on the ranks that could not read their rows of a batch, with the reason.
  void require_read() const;

 private:
  /// A batch that is in transfer or complete.
  struct Delivery {
    std::optional<BatchPlace> place;
    std::optional<RankExchange::Ticket> ticket;
    std::vector<std::byte> records;  ///< of all rows, those of rank 0 first
    std::vector<std::size_t> begins;
    std::vector<std::size_t> next;
    std::vector<const std::byte*> features;
    std::vector<std::int32_t> labels;
    bool complete = true;
  };

  [[nodiscard]] const std::byte* read_own_rows(const BatchPlace& place);
  void find(Delivery& delivery, const BatchPlace& place);
  void send(Delivery& delivery, const BatchPlace& place);
  void receive(Delivery& delivery);

  BatchOrder order_;
  const LocalSet& own_;
  std::unique_ptr<BatchReader> reader_;  ///< null where the rows are in memory
  std::optional<std::string> trouble_;   ///< why this rank could not read its rows
  Partition partition_;
  RankExchange* exchange_;
  std::size_t row_bytes_;
  std::size_t record_bytes_;  ///< size of a row of features and its Tail
  std::vector<std::uint64_t> rows_;
  Delivery present_;
  Delivery coming_;
};

/// Memory of a rank's BatchSource in bytes, for batches of `batch_rows` rows or the whole set: two
/// batches in transfer on more than one rank, and the reader's buffers if rows are streamed.
[[nodiscard]] std::uint64_t batch_memory(const DealtSet& training, std::uint64_t batch_rows,
                                         int rank);

}  // namespace annmpi::data
