#include "device/cuda/rows/streamed_blocks.hpp"

#include <algorithm>
#include <utility>

namespace annmpi::device::cuda {

StreamedBlocks::StreamedBlocks(data::LocalSet rows, const BlockLayout& layout, cudaStream_t stream)
    : rows_(std::move(rows)), layout_(layout), stream_(stream) {
  const std::size_t most_rows =
      rows_.feature_memory() / (data::LocalSet::blocks_in_memory * rows_.row_bytes());
  for (Place& place : places_) {
    place.memory.reserve(most_rows * layout_.pitch);
    place.memory.clear(copies_);  // zero padding, never overwritten
  }
  pinned_.reserve(data::LocalSet::blocks_in_memory);
}

/// Grows, as the first block in a slot of the row source may be shorter than later ones.
void StreamedBlocks::pin(const data::HostBlock& block) {
  const auto bytes = block.bytes();
  const auto known = std::ranges::find(pinned_, bytes.data(), &PinnedRange::memory);
  if (known != pinned_.end() && known->size() >= bytes.size()) return;
  std::vector<PinnedRange> kept;
  kept.reserve(data::LocalSet::blocks_in_memory);
  for (PinnedRange& range : pinned_)
    if (range.memory() != bytes.data()) kept.push_back(std::move(range));
  pinned_ = std::move(kept);
  pinned_.emplace_back(bytes.data(), bytes.size());
}

StreamedBlocks::Place& StreamedBlocks::fetch(const data::HostBlock& block) {
  pin(block);
  Place& place = places_[next_];
  next_ = (next_ + 1) % places_.size();
  place.used.let_wait(copies_);  // kernels that still read the block before last
  copy_rows(block, layout_, place.memory.data(), copies_);
  place.filled.record(copies_);
  place.filled.let_wait(stream_);
  return place;
}

}  // namespace annmpi::device::cuda
