#include "annmpi/data/batch_source.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace annmpi::data {
namespace {

/// Of records, so that features of every type are aligned.
constexpr std::size_t alignment = 8;

std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace

BatchSource::BatchSource(const BatchOrder& order, const Shard& shard, const Partition& partition,
                         RankExchange* exchange)
    : order_(order),
      shard_(shard),
      partition_(partition),
      exchange_(exchange),
      row_bytes_(shard.columns() * io::bytes_of(shard.type())),
      record_bytes_(aligned(row_bytes_) + alignment),
      rows_(order.batch_rows()) {
  for (Delivery* delivery : {&present_, &coming_}) {
    delivery->features.resize(order.batch_rows());
    delivery->labels.resize(order.batch_rows());
    if (exchange_ == nullptr) continue;
    delivery->records.resize(order.batch_rows() * record_bytes_);
    delivery->begins.resize(exchange_->size() + 1);
    delivery->next.resize(exchange_->size());
  }
}

BatchSource::Rows BatchSource::rows_of(std::uint64_t epoch, std::uint64_t step) {
  const Place place{epoch, step};
  if (exchange_ == nullptr) {
    find(present_, place);
  } else {
    if (coming_.place != place) {
      settle();
      send(coming_, place);
    }
    std::swap(present_, coming_);
    coming_.place.reset();
    if (step + 1 < order_.steps()) send(coming_, {epoch, step + 1});
    receive(present_);
  }
  const std::size_t count = order_.positions(step).size();
  return {std::span(present_.features).first(count), std::span(present_.labels).first(count)};
}

void BatchSource::settle() {
  if (coming_.ticket) exchange_->finish(*std::exchange(coming_.ticket, std::nullopt));
  coming_.place.reset();
}

/// All rows are here.
void BatchSource::find(Delivery& delivery, Place place) {
  const Range positions = order_.positions(place.step);
  for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
    const std::uint64_t row = order_.row_at(place.epoch, p);
    delivery.features[p - positions.begin] = shard_.bytes().data() + row * row_bytes_;
    delivery.labels[p - positions.begin] = shard_.labels()[row];
  }
}

/// Records stand in the order of ranks, and those of a rank in the batch's order.
void BatchSource::send(Delivery& delivery, Place place) {
  const Range positions = order_.positions(place.step);
  delivery.place = place;
  std::ranges::fill(delivery.begins, 0);
  for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
    const std::uint64_t row = rows_[p - positions.begin] = order_.row_at(place.epoch, p);
    ++delivery.begins[static_cast<std::size_t>(partition_.rank_of(row)) + 1];
  }
  for (std::size_t r = 0; r < exchange_->size(); ++r) {
    delivery.begins[r + 1] += delivery.begins[r];
    delivery.next[r] = delivery.begins[r];
  }
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto owner = static_cast<std::size_t>(partition_.rank_of(rows_[i]));
    std::byte* record = delivery.records.data() + delivery.next[owner]++ * record_bytes_;
    delivery.features[i] = record;
    if (owner != exchange_->rank()) continue;
    const std::uint64_t row = rows_[i] - shard_.range().begin;
    std::memcpy(record, shard_.bytes().data() + row * row_bytes_, row_bytes_);
    std::memcpy(record + aligned(row_bytes_), &shard_.labels()[row], sizeof(std::int32_t));
  }
  const std::size_t bytes = positions.size() * record_bytes_;
  delivery.ticket = exchange_->start_gather(std::span(delivery.records).first(bytes), record_bytes_,
                                            delivery.begins);
}

void BatchSource::receive(Delivery& delivery) {
  exchange_->finish(*std::exchange(delivery.ticket, std::nullopt));
  const std::size_t count = order_.positions(delivery.place->step).size();
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(&delivery.labels[i], delivery.features[i] + aligned(row_bytes_),
                sizeof(std::int32_t));
}

}  // namespace annmpi::data
