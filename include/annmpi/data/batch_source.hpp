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

/// Brings the rows of each batch to all ranks, whichever of them hold them: whose rows a batch
/// happens to have changes who sends, and never who computes what.
///
/// While a batch is worked on, the rows of the next one of the epoch are on their way; from a file,
/// those of the next few are read.
class BatchSource {
 public:
  /// `own` are this rank's rows of `partition`; a rank alone needs no exchange. The references must
  /// outlive the source.
  BatchSource(const BatchOrder& order, const LocalSet& own, const Partition& partition,
              RankExchange* exchange);
  ~BatchSource();

  /// Good until the next call; nothing on all ranks where one of them could not read its rows.
  /// Collective.
  [[nodiscard]] std::optional<Batch> batch_at(const BatchPlace& place);

  /// Receives what is on its way; to be called where an epoch may have been left early. Collective.
  void receive_pending();

  /// @throws Error on the ranks that could not read their rows of a batch, with the reason.
  void require_read() const;

 private:
  /// One batch on its way or here.
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
  std::optional<std::string> trouble_;   ///< of this rank's reading
  Partition partition_;
  RankExchange* exchange_;
  std::size_t row_bytes_;
  std::size_t record_bytes_;  ///< a row of features, and its Tail behind it
  std::vector<std::uint64_t> rows_;
  Delivery present_;
  Delivery coming_;
};

/// What a rank's BatchSource holds for batches of so many rows, or of all, in bytes: on more than
/// one rank two batches as they are exchanged, of rows from a file the buffers of their reader.
[[nodiscard]] std::uint64_t batch_memory(const DealtSet& training, std::uint64_t batch_rows,
                                         int rank);

}  // namespace annmpi::data
