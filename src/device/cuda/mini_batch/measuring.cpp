#include "device/cuda/mini_batch/measuring.hpp"

#include <cstddef>

namespace annmpi::device::cuda::mini_batch {

template <class Traits>
device::LossAndHits Measuring<Traits>::losses(const data::HostBlock& shard,
                                              const ResidentRows* held, std::uint64_t chunk_rows) {
  const LossBlocks blocks{static_cast<long long>(shard.rows()), static_cast<long long>(chunk_rows)};
  const long long count = blocks.count();
  losses_.reserve(static_cast<std::size_t>(count));
  const auto take = [&](const ChosenRows& rows) { passes_.take(rows, {{}, nullptr, nullptr}); };
  long long block = 0;
  std::size_t group = 0;
  while (block < count) {
    const long long first = blocks.begin(block);
    long long end = block + 1;
    while (end < count && blocks.end(end) - first <= passes_.measure_rows()) ++end;
    const auto rows = static_cast<int>(blocks.end(end - 1) - first);
    if (held != nullptr) {
      take(as_they_lie(held->rows(), first, rows));
    } else {
      Buffer& buffer = buffers_[group++ % buffers_.size()];
      buffer.taken.let_wait(copies_);
      buffer.rows.take(shard, static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(rows),
                       copies_);
      buffer.copied.record(copies_);
      buffer.copied.let_wait(stream_);
      take(as_they_lie(buffer.rows.rows(), 0, rows));
      buffer.taken.record(stream_);
    }
    passes_.up(rows, 0, rows);
    start_losses(passes_.logits(), blocks, block, static_cast<int>(end - block),
                 losses_.data() + block, stream_);
    block = end;
  }
  sums_.wait(stream_);
  device::LossAndHits sums;
  for (const LossSums& one : losses_.values().first(static_cast<std::size_t>(count))) {
    sums.loss.add(one.loss);
    sums.hits += one.hits;
  }
  return sums;
}

template class Measuring<Mixed>;
template class Measuring<Float64>;

}  // namespace annmpi::device::cuda::mini_batch
