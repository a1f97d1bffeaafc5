#include "data/batch_reader.hpp"

#include <algorithm>
#include <span>

namespace annmpi::data {

BatchReader::BatchReader(const BatchOrder& order, const LocalSet& rows, std::size_t stride)
    : order_(order), rows_(rows), stride_(stride) {}

const std::byte* BatchReader::own_rows_of(BatchPlace place) {
  if (!ahead_ || place != expected_) {
    ahead_.reset();
    to_read_ = place;
    std::vector<Batch> slots(batches_in_memory);
    const auto most = static_cast<std::size_t>(most_own_rows(order_.batch_rows(), rows_.rows()));
    for (Batch& batch : slots) {
      batch.features.resize(most * stride_);
      batch.own.reserve(most);
    }
    ahead_ = std::make_unique<ReadAhead<Batch>>(std::move(slots), [this](Batch& b) { read(b); });
  }
  expected_ = after(place);
  return ahead_->next().features.data();
}

/// Runs on the background thread.
void BatchReader::read(Batch& batch) {
  const Range own = rows_.range();
  const Range positions = order_.positions(to_read_.step);
  const RowPermutation permutation = order_.permutation(to_read_.epoch);
  batch.own.clear();
  for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
    const std::uint64_t row = permutation.row_at(p);
    if (own.begin <= row && row < own.end) batch.own.emplace_back(row, batch.own.size());
  }
  std::ranges::sort(batch.own);
  const io::RowFile& file = *rows_.file();
  for (const auto& [row, index] : batch.own) file.expect(row);
  for (const auto& [row, index] : batch.own)
    file.read(row, 1, std::span(batch.features).subspan(index * stride_, file.row_bytes()));
  file.require_unchanged();
  to_read_ = after(to_read_);
}

BatchPlace BatchReader::after(BatchPlace place) const {
  return place.step + 1 < order_.steps() ? BatchPlace{place.epoch, place.step + 1}
                                         : BatchPlace{place.epoch + 1, 0};
}

}  // namespace annmpi::data
