#include "annmpi/data/batch_source.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "annmpi/base/error.hpp"

#include "data/batch_reader.hpp"

namespace annmpi::data {
namespace {

/// Alignment of records, sufficient for features of every type.
constexpr std::size_t alignment = 8;

std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

/// The end of a row's record, after its features.
struct Tail {
  std::int32_t label;
  std::int32_t broken;  ///< 1 where the features could not be read
};

/// Size of the record of a row with `row_bytes` bytes of features.
std::size_t record_size(std::size_t row_bytes) {
  return aligned(row_bytes) + sizeof(Tail);
}

}  // namespace

BatchSource::BatchSource(const BatchOrder& order, const LocalSet& own, const Partition& partition,
                         RankExchange* exchange)
    : order_(order),
      own_(own),
      partition_(partition),
      exchange_(exchange),
      row_bytes_(own.row_bytes()),
      record_bytes_(record_size(row_bytes_)),
      rows_(order.batch_rows()) {
  static_assert(sizeof(Tail) % alignment == 0);
  if (own.file() != nullptr)
    reader_ = std::make_unique<BatchReader>(order_, own_, aligned(row_bytes_));
  for (Delivery* delivery : {&present_, &coming_}) {
    delivery->features.resize(order.batch_rows());
    delivery->labels.resize(order.batch_rows());
    if (exchange_ == nullptr) continue;
    delivery->records.resize(order.batch_rows() * record_bytes_);
    delivery->begins.resize(exchange_->size() + 1);
    delivery->next.resize(exchange_->size());
  }
}

BatchSource::~BatchSource() = default;

std::optional<Batch> BatchSource::batch_at(const BatchPlace& place) {
  if (exchange_ == nullptr) {
    find(present_, place);
  } else {
    if (coming_.place != place) {
      receive_pending();
      send(coming_, place);
    }
    std::swap(present_, coming_);
    coming_.place.reset();
    if (place.step + 1 < order_.steps()) send(coming_, {place.epoch, place.step + 1});
    receive(present_);
  }
  if (!present_.complete) return std::nullopt;
  const std::size_t count = order_.positions(place.step).size();
  return Batch{own_.type(), std::span(present_.features).first(count),
               std::span(present_.labels).first(count)};
}

void BatchSource::receive_pending() {
  if (coming_.ticket) exchange_->finish(*std::exchange(coming_.ticket, std::nullopt));
  coming_.place.reset();
}

void BatchSource::require_read() const {
  if (trouble_) throw Error("{}", *trouble_);
}

/// This rank's rows in the batch's order, with stride aligned(row_bytes_); null if they cannot be
/// read.
const std::byte* BatchSource::read_own_rows(const BatchPlace& place) {
  try {
    return reader_->own_rows_of(place);
  } catch (const Error& error) {
    trouble_ = error.what();
    return nullptr;
  }
}

/// Finds the rows of a batch on a single rank, in memory or in the file.
void BatchSource::find(Delivery& delivery, const BatchPlace& place) {
  const Range positions = order_.positions(place.step);
  const std::byte* read = reader_ ? read_own_rows(place) : nullptr;
  delivery.complete = !reader_ || read != nullptr;
  if (!delivery.complete) return;
  const RowPermutation permutation = order_.permutation(place.epoch);
  for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
    const std::size_t i = p - positions.begin;
    const std::uint64_t row = permutation.row_at(p);
    delivery.features[i] = reader_ ? read + i * aligned(row_bytes_)
                                   : own_.in_memory().bytes().data() + row * row_bytes_;
    delivery.labels[i] = own_.labels()[row];
  }
}

/// Starts the exchange of records. They are ordered by rank, and within a rank as in the batch.
void BatchSource::send(Delivery& delivery, const BatchPlace& place) {
  const Range positions = order_.positions(place.step);
  delivery.place = place;
  std::ranges::fill(delivery.begins, 0);
  const RowPermutation permutation = order_.permutation(place.epoch);
  for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
    const std::uint64_t row = rows_[p - positions.begin] = permutation.row_at(p);
    ++delivery.begins[static_cast<std::size_t>(partition_.rank_of(row)) + 1];
  }
  for (std::size_t r = 0; r < exchange_->size(); ++r) {
    delivery.begins[r + 1] += delivery.begins[r];
    delivery.next[r] = delivery.begins[r];
  }
  const std::byte* read = reader_ ? read_own_rows(place) : nullptr;
  const bool broken = reader_ && read == nullptr;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto owner = static_cast<std::size_t>(partition_.rank_of(rows_[i]));
    std::byte* record = delivery.records.data() + delivery.next[owner]++ * record_bytes_;
    delivery.features[i] = record;
    if (owner != exchange_->rank()) continue;
    const std::uint64_t row = rows_[i] - own_.range().begin;
    if (!broken)
      std::memcpy(record, reader_ ? read : own_.in_memory().bytes().data() + row * row_bytes_,
                  row_bytes_);
    if (read != nullptr) read += aligned(row_bytes_);
    const Tail tail{own_.labels()[row], broken ? 1 : 0};
    std::memcpy(record + aligned(row_bytes_), &tail, sizeof tail);
  }
  const std::size_t bytes = positions.size() * record_bytes_;
  delivery.ticket = exchange_->start_gather(std::span(delivery.records).first(bytes), record_bytes_,
                                            delivery.begins);
}

void BatchSource::receive(Delivery& delivery) {
  exchange_->finish(*std::exchange(delivery.ticket, std::nullopt));
  const std::size_t count = order_.positions(delivery.place->step).size();
  delivery.complete = true;
  for (std::size_t i = 0; i < count; ++i) {
    Tail tail;
    std::memcpy(&tail, delivery.features[i] + aligned(row_bytes_), sizeof tail);
    delivery.labels[i] = tail.label;
    if (tail.broken != 0) delivery.complete = false;
  }
}

std::uint64_t batch_memory(const DealtSet& training, std::uint64_t batch_rows, int rank) {
  batch_rows = std::min(batch_rows, training.set.rows);
  const std::size_t row_bytes = training.set.row_bytes();
  constexpr std::uint64_t deliveries = 2;
  std::uint64_t memory = 0;
  if (training.partition.ranks() > 1) memory += deliveries * batch_rows * record_size(row_bytes);
  if (training.streamed)
    memory += BatchReader::memory(batch_rows, training.partition.rows_of(rank).size(),
                                  aligned(row_bytes));
  return memory;
}

}  // namespace annmpi::data
