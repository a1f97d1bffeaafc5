#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "annmpi/base/rank_exchange.hpp"
#include "annmpi/data/batch_order.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/data/shard.hpp"

namespace annmpi::data {

/// Brings the rows of each batch to all ranks, whichever of them hold them: whose rows a batch
/// happens to have changes who sends, and never who computes what.
///
/// While a batch is worked on, the rows of the next one of the epoch are on their way.
class BatchSource {
 public:
  /// The rows of one batch in memory, in the batch's order.
  struct Rows {
    std::span<const std::byte* const> features;  ///< as stored, each row aligned for its type
    std::span<const std::int32_t> labels;
  };

  /// `shard` holds this rank's rows of `partition`; a rank alone needs no exchange. The references
  /// must outlive the source.
  BatchSource(const BatchOrder& order, const Shard& shard, const Partition& partition,
              RankExchange* exchange);

  /// Good until the next call. Collective.
  [[nodiscard]] Rows rows_of(std::uint64_t epoch, std::uint64_t step);

  /// Receives what is on its way; to be called where an epoch may have been left early. Collective.
  void settle();

 private:
  struct Place {
    std::uint64_t epoch;
    std::uint64_t step;
    friend bool operator==(const Place&, const Place&) = default;
  };
  /// One batch on its way or here.
  struct Delivery {
    std::optional<Place> place;
    std::optional<RankExchange::Ticket> ticket;
    std::vector<std::byte> records;  ///< of all rows, those of rank 0 first
    std::vector<std::size_t> begins;
    std::vector<std::size_t> next;
    std::vector<const std::byte*> features;
    std::vector<std::int32_t> labels;
  };

  void find(Delivery& delivery, Place place);
  void send(Delivery& delivery, Place place);
  void receive(Delivery& delivery);

  BatchOrder order_;
  const Shard& shard_;
  Partition partition_;
  RankExchange* exchange_;
  std::size_t row_bytes_;
  std::size_t record_bytes_;  ///< a row of features, and its label behind it
  std::vector<std::uint64_t> rows_;
  Delivery present_;
  Delivery coming_;
};

}  // namespace annmpi::data
